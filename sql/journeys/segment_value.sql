-- one row is: nothing; it names the value that an event has for a segment: its column, else its property of that name
-- parameters: none
-- from: nothing
-- read by: user_intel/journeys/build.py
create or replace macro segment_value(segment, e) as
case ltrim(segment, '$')
    when 'device_type' then e.device_type
    when 'browser' then e.browser
    when 'os' then e.os
    when 'country' then e.country
    when 'referrer_domain' then e.referrer_domain
    when 'utm_source' then e.utm_source
    else json_extract_string(
        case when contains(e.properties, segment) then e.properties end, '$."' || segment || '"'
    )
end;
