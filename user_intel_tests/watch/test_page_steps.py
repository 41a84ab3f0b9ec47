"""Steps of a recording's pages: the same as those of events, and nothing personal."""

from user_intel.product import Product
from user_intel.watch.page_steps import PageSteps


def test_pages_become_steps_as_they_do_in_events() -> None:
    product = Product.model_validate({"path_rules": [{"match": "^/u/[^/]+", "replace": "/u/:user"}]})
    with PageSteps(product) as steps:
        for address, step in {
            "https://shop.example/cart?user=7#top": "/cart",
            "https://shop.example/orders/81723/": "/orders/:id",
            "https://shop.example/u/anna/settings": "/u/:user/settings",
            "https://shop.example/reset/anna@example.com": "/reset/[email]",
            "about:blank": "/about:blank",
            "": "",
        }.items():
            assert steps.of(address) == step
