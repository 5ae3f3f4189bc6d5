"""Which language a voice speaks: the carrier fails a Say whose voice cannot speak its language.

Source: https://www.twilio.com/docs/voice/twiml/say/text-speech#available-voices-and-languages
"""

# Polly's names say nothing of their language. Those that speak two, and those not listed, are taken for anything.
POLLY = {
    "en": "Amy Aria Arthur Ayanda Brian Danielle Emma Geraint Gregory Ivy Joanna Joey Justin Kendra Kevin Kimberly "
    "Matthew Niamh Nicole Olivia Patrick Raveena Russell Ruth Salli Stephen",
    "es": "Andres Conchita Enrique Lucia Lupe Mia Miguel Pedro Penelope Sergio",
    "fr": "Celine Chantal Gabrielle Lea Liam Mathieu Remi",
    "de": "Daniel Hannah Hans Marlene Vicki",
    "it": "Adriano Bianca Carla Giorgio",
    "pt": "Camila Cristiano Ines Ricardo Thiago Vitoria",
    "nl": "Laura Lotte Ruben",
    "ja": "Kazuha Mizuki Takumi Tomoko",
    "pl": "Ewa Jacek Jan Maja Ola",
}
LANGUAGES = {name: language for language, names in POLLY.items() for name in names.split()}


def speaks(voice: str, language: str) -> bool:
    """Whether a voice, such as `Polly.Lupe-Neural` or `Google.es-US-Standard-A`, can speak `es-US`; in doubt it can."""
    maker, _, name = voice.partition(".")
    own = {"Polly": LANGUAGES.get(name.partition("-")[0]), "Google": name.partition("-")[0]}.get(maker)
    return own is None or own == language.partition("-")[0]
