"""What the simulated product consists of: its steps, where people go from each, and what gets in their way.

Belongs here: the words a product is described with, and the default product. How people walk through it is `walk.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

Identifier = Literal["", "number", "uuid", "name"]


@dataclass(frozen=True)
class Step:
    """A page (its name starts with `/`) or an event, as journeys will name it.

    `next` gives the share of visits that go on to each other step; what is missing to 1 leaves the product.
    `:id` or `:user` in the name is filled per visit by an `identifier`. `fields` make the page a form.
    """

    name: str
    next: dict[str, float]
    enters: float = 0.0
    median_s: float = 15.0
    title: str = ""
    identifier: Identifier = ""
    clicks: float = 1.2
    elements: tuple[str, ...] = ("Menu", "Help")
    fields: tuple[str, ...] = ()

    @property
    def is_page(self) -> bool:
        """Whether it is viewed rather than done."""
        return self.name.startswith("/")


@dataclass(frozen=True)
class Friction:
    """Something at one step that gets in the way of some users, on some days.

    Shares are per visit of the step by a session of the `segment` (a property and its value; everybody when None):
    `leave` leave at once, `back` return to `back_to`, `rage`, `dead` and `error` click in vain on `element`.
    `slower` multiplies the time spent there.
    """

    step: str
    segment: tuple[str, str] | None = None
    leave: float = 0.0
    back_to: str = ""
    back: float = 0.0
    slower: float = 1.0
    rage: float = 0.0
    dead: float = 0.0
    error: float = 0.0
    element: str = "Continue"
    first_day: date | None = None
    last_day: date | None = None

    def active_on(self, day: date) -> bool:
        """Whether it is in the way on `day`."""
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True)
class Archetype:
    """A kind of user: `leanings` multiply how readily such users enter at a step or go on to it.

    How often they leave does not change, only where else they go. `share` is of all users.
    """

    name: str
    share: float
    leanings: dict[str, float]


_SHOP = (
    Step(
        "/",
        {"/catalog": 0.34, "/dashboard": 0.22, "/pricing": 0.08, "/docs": 0.06},
        enters=0.24,
        median_s=9,
        title="Home",
    ),
    Step(
        "/catalog",
        {"/item/:id": 0.58, "search_performed": 0.12, "/": 0.05},
        enters=0.22,
        median_s=18,
        title="Catalog",
        elements=("Filter", "Sort by price", "Next page"),
    ),
    Step("search_performed", {"/catalog": 0.55, "/item/:id": 0.35}, median_s=4),
    Step(
        "/item/:id",
        {"/cart": 0.3, "/catalog": 0.34, "/item/:id": 0.1},
        enters=0.06,
        median_s=24,
        title="Item",
        identifier="number",
        elements=("Add to cart", "Show photos", "Reviews"),
    ),
    Step(
        "/cart",
        {"/shipping": 0.56, "/catalog": 0.17, "/item/:id": 0.06, "coupon_applied": 0.06},
        median_s=14,
        title="Cart",
        elements=("Check out", "Apply coupon", "Remove"),
    ),
    Step("coupon_applied", {"/shipping": 0.85}, median_s=5),
    Step(
        "/shipping",
        {"/payment": 0.8, "/cart": 0.06},
        median_s=45,
        title="Shipping",
        elements=("Continue", "Edit address"),
        fields=("full_name", "street", "city", "phone"),
    ),
    Step(
        "/payment",
        {"order_completed": 0.8, "payment_failed": 0.06, "/cart": 0.03},
        median_s=40,
        title="Payment",
        elements=("Pay now", "Change card"),
        fields=("card_number", "card_expiry", "card_cvc"),
    ),
    Step("payment_failed", {"/payment": 0.6, "/support": 0.1}, median_s=6),
    Step("order_completed", {"/orders/:id": 0.45, "/catalog": 0.08}, median_s=5),
    Step("/orders/:id", {"/": 0.15, "/support": 0.04}, enters=0.03, median_s=20, title="Order", identifier="number"),
)

_ONBOARDING = (
    Step("/signup", {"/verify": 0.78, "/": 0.05}, median_s=35, title="Sign up", fields=("email", "password")),
    Step("/verify", {"/workspace": 0.86}, median_s=60, title="Confirm your address", clicks=0.4),
    Step(
        "/workspace",
        {"project_created": 0.78, "/docs": 0.05},
        median_s=40,
        title="Your workspace",
        elements=("Create project", "Invite team"),
        fields=("workspace_name",),
    ),
    Step("project_created", {"/projects/:id": 0.55, "/dashboard": 0.3}, median_s=6),
)

_WORK = (
    Step(
        "/dashboard",
        {
            "/projects/:id": 0.3,
            "/reports": 0.26,
            "/settings": 0.07,
            "/u/:user": 0.05,
            "/catalog": 0.04,
            "project_created": 0.02,
        },
        enters=0.3,
        median_s=16,
        title="Dashboard",
        elements=("Open project", "Notifications", "Refresh"),
    ),
    Step(
        "/projects/:id",
        {"task_created": 0.36, "/dashboard": 0.2, "file_uploaded": 0.08, "/reports": 0.08},
        enters=0.06,
        median_s=30,
        title="Project",
        identifier="uuid",
        clicks=2.0,
        elements=("New task", "Assign", "Attach file"),
    ),
    Step("task_created", {"/projects/:id": 0.78}, median_s=8),
    Step("file_uploaded", {"/projects/:id": 0.8}, median_s=7),
    Step(
        "/reports",
        {"/reports/:id": 0.66, "/dashboard": 0.1},
        median_s=14,
        title="Reports",
        elements=("Open report", "New report"),
    ),
    Step(
        "/reports/:id",
        {"report_exported": 0.22, "/reports": 0.34, "/dashboard": 0.1},
        median_s=28,
        title="Report",
        identifier="uuid",
        elements=("Export", "Change range", "Share"),
    ),
    Step("report_exported", {"/reports": 0.3, "/dashboard": 0.25}, median_s=6),
    Step("/u/:user", {"/dashboard": 0.55}, median_s=12, title="Profile", identifier="name"),
)

_ACCOUNT = (
    Step(
        "/settings",
        {"/billing": 0.24, "api_key_created": 0.07, "/settings/team": 0.2, "/dashboard": 0.22},
        median_s=15,
        title="Settings",
    ),
    Step("api_key_created", {"/docs": 0.3, "/settings": 0.35}, median_s=9),
    Step("/settings/team", {"teammate_invited": 0.34, "/settings": 0.25}, median_s=18, title="Team", fields=("email",)),
    Step("teammate_invited", {"/settings/team": 0.3, "/dashboard": 0.3}, median_s=5),
    Step("/pricing", {"/billing": 0.24, "/signup": 0.06, "/": 0.14}, enters=0.06, median_s=22, title="Pricing"),
    Step(
        "/billing",
        {"plan_upgraded": 0.22, "/pricing": 0.1, "/settings": 0.1},
        median_s=24,
        title="Billing",
        elements=("Upgrade", "Download invoice"),
    ),
    Step("plan_upgraded", {"/dashboard": 0.6}, median_s=6),
    Step("/docs", {"/docs/search": 0.25, "/support": 0.1, "/dashboard": 0.15}, enters=0.03, median_s=40, title="Docs"),
    Step("/docs/search", {"/docs": 0.45, "/support": 0.12}, median_s=15, title="Search the docs"),
    Step("/support", {"ticket_created": 0.38, "/docs": 0.2}, median_s=35, title="Support", fields=("message",)),
    Step("ticket_created", {"/dashboard": 0.2}, median_s=5),
)

STEPS: tuple[Step, ...] = _SHOP + _ONBOARDING + _WORK + _ACCOUNT
NEWCOMERS_ENTER = "/signup"

FRICTIONS: tuple[Friction, ...] = (
    Friction("/shipping", segment=("device_type", "mobile"), leave=0.35),
    Friction("/billing", back_to="/settings", back=0.45),
    Friction("/reports/:id", slower=3.5),
    Friction("/cart", rage=0.06, element="Apply coupon"),
    Friction("/projects/:id", dead=0.05, element="Attach file"),
    Friction("/payment", segment=("browser", "Safari"), error=0.14, leave=0.08, element="Pay now"),
)


ARCHETYPES: tuple[Archetype, ...] = (
    Archetype("shopper", 0.36, {"/catalog": 4, "/item/:id": 3, "/cart": 2, "/dashboard": 0.15, "/reports": 0.3}),
    Archetype("planner", 0.34, {"/projects/:id": 4, "task_created": 2, "/catalog": 0.15, "/reports": 0.2, "/": 0.4}),
    Archetype(
        "analyst", 0.2, {"/reports": 5, "/reports/:id": 2, "/dashboard": 2, "/catalog": 0.1, "/projects/:id": 0.2}
    ),
    Archetype("visitor", 0.1, {}),
)


def begun_on(frictions: Iterable[Friction], day: date) -> tuple[Friction, ...]:
    """The same frictions; those that change where people go or how long they stay get in the way from `day` on only.

    As after a release that went wrong: there are days without them to compare with. Buttons that never worked stay so.
    """
    return tuple(
        replace(each, first_day=day) if each.leave or each.back or each.slower != 1 else each for each in frictions
    )


@dataclass(frozen=True)
class Habits:
    """How much and when the simulated product is used; shares are 0..1 of sessions unless said otherwise."""

    sessions_per_user_day: float = 0.45
    new_users_per_day: float = 0.012
    weekday_factors: tuple[float, ...] = (1.0, 1.06, 1.05, 1.02, 0.92, 0.55, 0.5)
    zipf_exponent: float = 0.7
    recorded: float = 0.6
    late: float = 0.004
    crawler_visits_per_user_day: float = 0.04
    emailed_per_day: float = 0.03
    most_steps: int = 60
    longest_session_s: float = 6 * 3600.0
    frictions: tuple[Friction, ...] = field(default=FRICTIONS)
    # None: everybody goes where the shares of the steps say.
    archetypes: tuple[Archetype, ...] = ()
