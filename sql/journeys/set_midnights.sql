-- one row is: nothing; it gives the connection the UTC instants at which days of the product's time zone begin
-- parameters: $midnights
-- from: nothing
-- read by: user_intel/journeys/build.py
set variable midnights = $midnights::timestamp[];
