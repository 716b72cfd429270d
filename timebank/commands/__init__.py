"""The commands of ``timebank``, one file a subject; ``timebank.cli`` puts them together."""
