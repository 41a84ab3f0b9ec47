"""A document in the format of the Jira it is for."""

from user_intel.act import adf, wiki
from user_intel.act.document import Document
from user_intel.act.tickets import Flavour


def rich_text(document: Document, flavour: Flavour) -> object:
    """ADF for Cloud, wiki markup for Server and Data Center; cut to Jira's limit, saying so."""
    return adf.rendered(document) if flavour == "cloud" else wiki.rendered(document)


def words_of(rich: object) -> str:
    """The words of either format on one line."""
    return wiki.words(rich) if isinstance(rich, str) else adf.words(rich)
