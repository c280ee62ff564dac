"""What an index shows of README.md: its links lead to where the project is published, or are plain text.

Set `url` in setup.cfg to the home of the source (https://host/owner/revad): then the pages of an index have links to it,
and the links of README.md are absolute. Without one, a link into the source tree would lead nowhere there.
"""
import configparser
import pathlib
import re

from setuptools import setup

LINK = re.compile(r"(!?)\[([^\]]*)\]\((?![a-z]+:|#)([^)\s]+)\)")
PAGES = {"Source": "", "Documentation": "/blob/main/docs/index.md", "Cookbook": "/blob/main/docs/cookbook.md",
         "Changelog": "/blob/main/CHANGELOG.md"}


def for_an_index(text, home):
    """The text of a page with absolute links; without a home with their words alone, and without pictures."""
    def replaced(link):
        is_picture, words, path = link.groups()
        if home:
            return f"{is_picture}[{words}]({home}/{'raw' if is_picture else 'blob'}/main/{path})"
        return "" if is_picture else words
    return LINK.sub(replaced, text)


def settings(root):
    config = configparser.ConfigParser()
    config.read(root / "setup.cfg", encoding="utf-8")
    home = config["metadata"].get("url", "").rstrip("/")
    readme = (root / "README.md").read_text(encoding="utf-8")
    return {"long_description": for_an_index(readme, home),
            "project_urls": {name: home + path for name, path in PAGES.items()} if home else {}}


if __name__ == "__main__":
    setup(**settings(pathlib.Path(__file__).parent))
