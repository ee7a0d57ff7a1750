"""The subgraph that Apollo's compatibility suite requires, behind our view.

`python -m tests.conformance.compatibility_subgraph` serves it and prints its URL. The data are the
suite's own.
"""

from typing import Any

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.schema_directive import Location

from schema.federated_schema import FederatedSchema
from server.runtime.graceful_shutdown import AnnouncingServer
from tests.conformance.processes import listen_on_free_port
from tests.conformance.strawberry_comparison import create_our_view

Keys = dict[str, Any]


@strawberry.federation.schema_directive(
    locations=[Location.OBJECT],
    name="custom",
    compose=True,
    import_url="https://myspecs.dev/myCustomDirective/v1.0",
)
class Custom:
    pass


@strawberry.federation.type(extend=True, keys=["email"])
class User:
    email: strawberry.ID = strawberry.federation.field(external=True)
    name: str | None = strawberry.federation.field(override="users", default="Jane Smith")
    total_products_created: int | None = strawberry.federation.field(external=True, default=1337)
    years_of_employment: int = strawberry.federation.field(external=True, default=10)

    @strawberry.federation.field(requires=["totalProductsCreated", "yearsOfEmployment"])
    def average_products_created_per_year(self) -> int | None:
        return round((self.total_products_created or 0) / self.years_of_employment)

    @classmethod
    def resolve_reference(cls, _info: Any, keys: Keys) -> "User | None":
        if keys["email"] != USER.email:
            return None
        created = keys.get("totalProductsCreated", USER.total_products_created)
        years = keys.get("yearsOfEmployment", USER.years_of_employment)
        return cls(email=keys["email"], total_products_created=created, years_of_employment=years)


@strawberry.federation.type(shareable=True)
class ProductDimension:
    size: str | None = None
    weight: float | None = None
    unit: str | None = strawberry.federation.field(inaccessible=True, default=None)


@strawberry.type
class ProductVariation:
    id: strawberry.ID


@strawberry.type
class CaseStudy:
    case_number: strawberry.ID
    description: str | None = None


@strawberry.federation.type(keys=["study { caseNumber }"])
class ProductResearch:
    study: CaseStudy
    outcome: str | None = None

    @classmethod
    def resolve_reference(cls, _info: Any, keys: Keys) -> "ProductResearch | None":
        number = keys["study"]["caseNumber"]
        return next((each for each in RESEARCH if each.study.case_number == number), None)


@strawberry.federation.type(keys=["sku package"])
class DeprecatedProduct:
    sku: str
    package: str
    reason: str | None = None
    created_by: User | None = None

    @classmethod
    def resolve_reference(cls, _info: Any, keys: Keys) -> "DeprecatedProduct | None":
        key = (keys["sku"], keys["package"])
        return DEPRECATED if key == (DEPRECATED.sku, DEPRECATED.package) else None


@strawberry.federation.type(
    keys=["id", "sku package", "sku variation { id }"], directives=[Custom()]
)
class Product:
    id: strawberry.ID
    sku: str | None = None
    package: str | None = None
    variation: ProductVariation | None = None
    dimensions: ProductDimension | None = None
    created_by: User | None = strawberry.federation.field(
        provides=["totalProductsCreated"], default=None
    )
    notes: str | None = strawberry.federation.field(tags=["internal"], default=None)
    research: list[ProductResearch]

    @classmethod
    def resolve_reference(cls, _info: Any, keys: Keys) -> "Product | None":
        return next((each for each in PRODUCTS if each.matches_keys(keys)), None)

    def matches_keys(self, keys: Keys) -> bool:
        """Return whether this product has these keys, whichever of its keys they are."""
        if "id" in keys:
            return self.id == keys["id"]
        if "package" in keys:
            return (self.sku, self.package) == (keys["sku"], keys["package"])
        variation = self.variation and self.variation.id
        return (self.sku, variation) == (keys["sku"], keys["variation"]["id"])


@strawberry.federation.interface_object(keys=["id"])
class Inventory:
    id: strawberry.ID
    deprecated_products: list[DeprecatedProduct]

    @classmethod
    def resolve_reference(cls, _info: Any, keys: Keys) -> "Inventory":
        return cls(id=keys["id"], deprecated_products=[DEPRECATED])


USER = User(email=strawberry.ID("support@apollographql.com"))
RESEARCH = [
    ProductResearch(study=CaseStudy(case_number=strawberry.ID(number), description=description))
    for number, description in (("1234", "Federation Study"), ("1235", "Studio Study"))
]
DEPRECATED = DeprecatedProduct(
    sku="apollo-federation-v1",
    package="@apollo/federation-v1",
    reason="Migrate to Federation V2",
    created_by=USER,
)
PRODUCTS = [
    Product(
        id=strawberry.ID(f"apollo-{sku}"),
        sku=sku,
        package=package,
        variation=ProductVariation(id=strawberry.ID(variation)),
        dimensions=ProductDimension(size="small", weight=1, unit="kg"),
        created_by=USER,
        research=[research],
    )
    for sku, package, variation, research in (
        ("federation", "@apollo/federation", "OSS", RESEARCH[0]),
        ("studio", "", "platform", RESEARCH[1]),
    )
]


@strawberry.type
class Query:
    @strawberry.field
    def product(self, id: strawberry.ID) -> Product | None:  # noqa: A002 - the suite's own name
        return Product.resolve_reference(None, {"id": id})

    @strawberry.field(deprecation_reason="Use product query instead")
    def deprecated_product(self, sku: str, package: str) -> DeprecatedProduct | None:
        return DeprecatedProduct.resolve_reference(None, {"sku": sku, "package": package})


def main() -> None:
    """Serve on a free port."""
    graph = FederatedSchema(query=Query, types=[Inventory], federation_version="2.3")
    app = Starlette(routes=[Route("/", endpoint=create_our_view(graph))])
    socket, port = listen_on_free_port()
    line = f"products serves http://127.0.0.1:{port}/"
    AnnouncingServer(uvicorn.Config(app, log_level="warning", ws="none"), line).run(
        sockets=[socket]
    )


if __name__ == "__main__":
    main()
