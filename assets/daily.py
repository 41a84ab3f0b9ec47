"""What every daily asset shares, named once: partitions, owner, retries, freshness, backfills.

Read at import: `product.yaml` (its time zone bounds the partitions) and the first day the lake holds. Nothing heavy is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import dagster as dg

from user_intel.days import yesterday
from user_intel.errors import ConfigError, CountMismatch, InputError, LakeError, UserIntelError
from user_intel.http import StatusError
from user_intel.lake import open_lake
from user_intel.product import Product, load_product
from user_intel.settings import settings
from user_intel.tables import Table, catalogue

OWNER = "team:user-intel"

# Before anything was extracted a deployment starts with this much history.
FIRST_HISTORY = timedelta(days=30)


def first_day(product: Product) -> date:
    """The first partition: as configured, else the first day of the lake, else thirty days ago."""
    if configured := settings().first_day:
        return configured
    held = open_lake().first_day()
    recent = yesterday(product.zone) - FIRST_HISTORY
    return min(held, recent) if held else recent


PRODUCT = load_product(settings().home)
TABLES = catalogue(PRODUCT)
DAILY = dg.DailyPartitionsDefinition(start_date=first_day(PRODUCT).isoformat(), timezone=PRODUCT.timezone)

# The client retries what is transient for minutes; a step retried once more outlives a longer outage.
RETRIES = dg.RetryPolicy(max_retries=1, delay=60, jitter=dg.Jitter.PLUS_MINUS)

# One run may cover many days: a backfill is one run, and parallel days come from parallel runs.
ONE_RUN = dg.BackfillPolicy.single_run()

FRESH_BY_NOON = dg.FreshnessPolicy.cron(
    deadline_cron="0 12 * * *", lower_bound_delta=timedelta(hours=12), timezone=PRODUCT.timezone
)


def table_asset(name: str, *, kinds: set[str]) -> dict[str, Any]:
    """The arguments of `dg.asset` or `dg.AssetSpec` that a lake table's asset has in common with all others."""
    table = TABLES[name]
    return {
        "group_name": table.stage,
        "description": table.comment,
        "owners": [OWNER],
        "kinds": {"parquet", *kinds},
        "partitions_def": DAILY,
        "freshness_policy": FRESH_BY_NOON,
        "metadata": {"dagster/table_name": name, "dagster/column_schema": column_schema(table)},
    }


def column_schema(table: Table) -> dg.TableSchema:
    """The columns of a table as Dagster's UI draws them."""
    return dg.TableSchema(
        columns=[dg.TableColumn(c.name, type=c.type.lower(), description=c.comment) for c in table.columns]
    )


@contextmanager
def lasting_faults_end_the_step() -> Iterator[None]:
    """Fails the step at once for what a second try cannot mend: a refusal, a wrong setting, counts that disagree."""
    try:
        yield
    except (ConfigError, InputError, LakeError, CountMismatch, StatusError) as fault:
        raise dg.Failure(description=str(fault), allow_retries=False) from fault


@contextmanager
def refusals_end_the_step(refusal: type[UserIntelError], away: type[UserIntelError]) -> Iterator[None]:
    """Fails the step at once when a service refuses; when it is `away` or busy, the step is tried again."""
    try:
        yield
    except away:
        raise
    except refusal as refused:
        raise dg.Failure(description=str(refused), allow_retries=False) from refused


def days_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> list[date]:
    """The days a run, or a range of days in one run, is about."""
    return [date.fromisoformat(key) for key in context.partition_keys]


def verdict(
    faults: dict[date, str], severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR
) -> dg.AssetCheckResult:
    """The result of a check that looked at each day: passed when no day has a fault, else their words by day."""
    found = {day.isoformat(): fault for day, fault in faults.items()}
    told = "; ".join(f"{day}: {fault}" for day, fault in found.items())
    return dg.AssetCheckResult(
        passed=not found, severity=severity, description=told or "as expected", metadata={"faults": found}
    )


def cause_of(event: dg.DagsterEvent) -> str:
    """The first cause of a failed step in its own words: those of a UserIntelError were written for people."""
    data = event.step_failure_data
    described = data.user_failure_data.description if data.user_failure_data else None
    error = data.error
    while error and error.cause:
        error = error.cause
    return f"{event.step_key}: {described or (error.message.strip() if error else 'no reason given')}"
