/**
 * One row a day for each airport or route, stamped with the midnight that ends the day: its windows hold the flights with
 * `stampedAt - N days <= departedAt < stampedAt`, so that no row knows of a flight at or after its own stamp. There is a row wherever
 * the last 30 days hold a flight.
 */

/** What each route flew on each day, and every midnight that ends one. */
const routeDays = `
  routeDay as (
    select
      origin, destination,
      date_trunc('day', departedAt) + interval 1 day as stampedAt,
      count(*) as flights,
      sum(delayMinutes) as delay,
      count(*) filter (where delayMinutes > 15) as late,
      max(delayMinutes) as worst,
      max(distanceMiles) as distance
    from flights
    group by all
  ),
  midnights as (
    select unnest(generate_series(min(stampedAt), max(stampedAt), interval 1 day)) as stampedAt from routeDay
  ),
  routes as (
    select origin, destination, max(distance) as distance from routeDay group by all
  )`

export const routeDailySql = `
with ${routeDays},
  -- Every route on every day, flown or not, so that 29 preceding rows and the current one are 30 days.
  everyDay as (
    select origin, destination, stampedAt, routes.distance, coalesce(flights, 0) as flights, coalesce(delay, 0) as delay
    from routes cross join midnights left join routeDay using (origin, destination, stampedAt)
  )
select
  origin, destination, stampedAt,
  (sum(flights) over month)::integer as flights30d,
  sum(delay) over month / sum(flights) over month as meanDelay30d,
  distance
from everyDay
window month as (partition by origin, destination order by stampedAt rows between 29 preceding and current row)
qualify sum(flights) over month > 0`

export const airportDailySql = `
with ${routeDays},
  -- Every route on every day, and whether it was flown in the 30 days up to then.
  everyDay as (
    select
      origin, stampedAt, flights, delay, late, worst,
      count(flights) over (
        partition by origin, destination order by stampedAt rows between 29 preceding and current row
      ) > 0 as flown
    from routes cross join midnights left join routeDay using (origin, destination, stampedAt)
  ),
  airportDay as (
    select
      origin as iata, stampedAt,
      coalesce(sum(flights), 0) as flights,
      coalesce(sum(delay), 0) as delay,
      coalesce(sum(late), 0) as late,
      max(worst) as worst,
      count(*) filter (where flown) as destinations
    from everyDay
    group by all
  )
select
  iata, stampedAt,
  flights::integer as departures1d,
  (sum(flights) over week)::integer as departures7d,
  (sum(flights) over month)::integer as departures30d,
  sum(delay) over week / nullif(sum(flights) over week, 0) as meanDelay7d,
  sum(delay) over month / sum(flights) over month as meanDelay30d,
  sum(late) over month / sum(flights) over month as shareDelayed15m30d,
  max(worst) over week as worstDelay7d,
  destinations::integer as distinctDestinations30d
from airportDay
window
  week as (partition by iata order by stampedAt rows between 6 preceding and current row),
  month as (partition by iata order by stampedAt rows between 29 preceding and current row)
qualify sum(flights) over month > 0`
