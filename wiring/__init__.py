"""The house put together: each part built once in a process, from the settings, and handed to who needs it.

`house` has what every process shares, `web` what answers over HTTP, `background` what workers and the clock do:
a process imports no more than its own work.
"""
