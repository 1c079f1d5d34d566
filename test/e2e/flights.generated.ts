/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** A key of Airport. */
export type AirportKey = {
  /** IATA code, e.g. SEA. */
  iata: string | number;
};

/** A row of delayModelV1: the key of each role, and arguments. */
export type DelayModelV1Row = {
  destination: AirportKey;
  origin: AirportKey;
  /** How much the last week counts, 0 to 1. */
  recentWeight?: number | null | undefined;
  route: RouteKey;
};

/** Why a value is there or not, checked in this order: NOT_FOUND, OUTSIDE_MAX_AGE, INCOMPLETE, NULL_VALUE, PRESENT. */
export type FeatureStatus =
  /** A window that reaches back to before its events are complete; the value is withheld. */
  | 'INCOMPLETE'
  /** No row, a deleted one, or one older than ttl and retention. */
  | 'NOT_FOUND'
  /** A row in age whose value is null. */
  | 'NULL_VALUE'
  /** A row older than its ttl; the value is withheld. */
  | 'OUTSIDE_MAX_AGE'
  /** A value in age. */
  | 'PRESENT';

/** A key of Route. */
export type RouteKey = {
  /** IATA code of the airport of arrival. */
  destination: string | number;
  /** IATA code of the airport of departure. */
  origin: string | number;
};

export type AirportQueryVariables = Exact<{
  iata: string | number;
  latitude: number;
  longitude: number;
}>;


export type AirportQuery = { airport: { iata: string, name: string | null, city: string | null, departures7d: number | null, meanDelay30d: number | null, distanceKm: number | null, expectedDelay: number | null, featureInfo: Array<{ name: string, status: FeatureStatus, eventTime: string | null, ageSeconds: number | null }> | null } | null };

export type DailyStatisticsQueryVariables = Exact<{
  airports: Array<AirportKey> | AirportKey;
  routes: Array<RouteKey> | RouteKey;
}>;


export type DailyStatisticsQuery = { airports: Array<{ iata: string, departures1d: number | null, departures7d: number | null, departures30d: number | null, meanDelay7d: number | null, meanDelay30d: number | null, shareDelayed15m30d: number | null, worstDelay7d: number | null, distinctDestinations30d: number | null, featureInfo: Array<{ status: FeatureStatus, eventTime: string | null }> | null } | null> | null, routes: Array<{ origin: string, destination: string, flights30d: number | null, meanDelay30d: number | null, distance: number | null, featureInfo: Array<{ status: FeatureStatus, eventTime: string | null }> | null } | null> | null };

export type DelayModelQueryVariables = Exact<{
  rows: Array<DelayModelV1Row> | DelayModelV1Row;
}>;


export type DelayModelQuery = { delayModelV1: { rowCount: number, route: { flights30d: { values: Array<number | null> | null } | null, meanDelay30d: { values: Array<number | null> | null } | null } | null, origin: { departures7d: { values: Array<number | null> | null, statuses: Array<FeatureStatus | null> | null } | null, expectedDelay: { values: Array<number | null> | null } | null } | null, destination: { meanDelay7d: { values: Array<number | null> | null } | null } | null } | null };

export type RoutesQueryVariables = Exact<{
  keys: Array<RouteKey> | RouteKey;
}>;


export type RoutesQuery = { routes: Array<{ origin: string, destination: string, flights30d: number | null, meanDelay30d: number | null, distance: number | null, originAirport: { name: string | null, shareDelayed15m30d: number | null, expectedDelayVersusMean: number | null } | null, destinationAirport: { name: string | null, distinctDestinations30d: number | null, worstDelay7d: number | null } | null } | null> | null };

export type WelcomeQueryVariables = Exact<{ [key: string]: never; }>;


export type WelcomeQuery = { airport: { name: string | null, departures7d: number | null, meanDelay30d: number | null, expectedDelay: number | null, distanceKm: number | null } | null, route: { flights30d: number | null, destinationAirport: { name: string | null, shareDelayed15m30d: number | null } | null } | null };
