-- one row is: event, with exactly the columns of tables.EVENTS
-- parameters: variables zone and source
-- from: private_events, bot_agents, page_rewrites
-- read by: user_intel/extract/normalise.py
select
    cast(timezone(getvariable('zone'), timezone('UTC', private_events."at")) as date) as day,
    private_events.event_id,
    private_events.user_id,
    private_events.session_id,
    private_events."at",
    private_events.event,
    case private_events.kind
        when 'page' then coalesce(page_rewrites.rewritten, private_events.page)
        when 'event' then private_events.event
    end as step,
    coalesce(page_rewrites.rewritten, private_events.page) as page,
    private_events.element,
    private_events.device_type,
    private_events.browser,
    private_events.os,
    private_events.country,
    private_events.referrer_domain,
    private_events.utm_source,
    private_events.properties,
    getvariable('source') as source,
    private_events.ingested_at,
    private_events.says_bot or bot_agents.user_agent is not null as is_bot
from private_events
left join bot_agents on private_events.user_agent = bot_agents.user_agent
left join page_rewrites on private_events.page = page_rewrites.page
