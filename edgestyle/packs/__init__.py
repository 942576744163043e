"""Packs: a network, its styles and their licences in one folder. The folders here are the shipped ones."""
