"""The numbers: what answers come to, with how many they are made from and how sure that is."""
