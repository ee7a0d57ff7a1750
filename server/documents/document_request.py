"""Requests for a document of the operator's: by its name in the path, or by its hash."""

from msgspec.structs import replace
from starlette.requests import Request

from server.apq import read_digest
from server.documents.trusted_documents import TrustedDocument, TrustedDocuments
from server.graphql_request import GraphQLRequest, parse_request
from server.request_error import RequestRejected

NAME_PARAMETER = "document"


def find_document(request: Request, documents: TrustedDocuments) -> TrustedDocument | None:
    """Return the document that a request names; None for another operation.

    Where documents need a key, one that is requested by its hash is an operation like any other.
    """
    name = request.path_params.get(NAME_PARAMETER)
    if name is not None:
        document = documents.find(name)
        if document is None:
            raise RequestRejected(404, "There is no document of this name.", "NOT_FOUND")
        return document
    if not documents.are_public or request.method != "GET":
        return None
    graphql_request = parse_request(request, b"")
    digest = read_digest(graphql_request) if graphql_request.query is None else None
    return None if digest is None else documents.find(digest)


def insert_document(graphql_request: GraphQLRequest, document: TrustedDocument) -> GraphQLRequest:
    """Return the request with the text of the document that it names."""
    if graphql_request.query is not None:
        message = "query must be left out where the URL names a document."
        raise RequestRejected(400, message, argument="query")
    # A hash that came with the name would be checked against the text.
    return replace(graphql_request, query=document.text, extensions={})
