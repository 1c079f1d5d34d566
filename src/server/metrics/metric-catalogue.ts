/** What a metric of the gateway's own is. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** One sentence, with the unit. */
  readonly help: string
  readonly labels: readonly string[]
  /** How the values of several workers become one. */
  readonly aggregator: 'sum' | 'first' | 'max'
}

const counter = (help: string, ...labels: string[]): MetricDefinition => ({
  type: 'counter',
  help,
  labels,
  aggregator: 'sum',
})
const histogram = (help: string, ...labels: string[]): MetricDefinition => ({
  type: 'histogram',
  help,
  labels,
  aggregator: 'sum',
})
const gauge = (help: string, ...labels: string[]): MetricDefinition => ({
  type: 'gauge',
  help,
  labels,
  aggregator: 'sum',
})
const fact = (help: string, ...labels: string[]): MetricDefinition => ({
  type: 'gauge',
  help,
  labels,
  aggregator: 'first',
})

const worst = (help: string, ...labels: string[]): MetricDefinition => ({
  type: 'gauge',
  help,
  labels,
  aggregator: 'max',
})

/** Every metric of the gateway's own; what prom-client tells of the process comes beside them. */
export const METRICS = {
  fieldstone_request_duration_seconds: histogram(
    'GraphQL requests by how long they took, from when they had come whole until they were answered.',
    ...['operation', 'type', 'outcome'],
  ),
  fieldstone_client_requests_total: counter(
    'GraphQL requests by the client that their headers name.',
    ...['client', 'version', 'outcome'],
  ),
  fieldstone_errors_total: counter('Errors in answers to GraphQL requests.', 'code'),
  fieldstone_request_keys_total: counter('Keys that executed operations asked for, duplicates and all.'),
  fieldstone_request_values_total: counter('Values that executed operations asked for.'),
  fieldstone_requests_in_flight: gauge('Requests that have begun to come and are not answered yet.'),
  fieldstone_refused_requests_total: counter('HTTP requests refused before GraphQL saw them.', 'code'),
  fieldstone_shed_requests_total: counter('Requests turned away so that the others are answered.', 'reason'),
  fieldstone_loader_scans_total: counter('Scans of an entity that plans asked for.', 'entity'),
  fieldstone_loader_reads_total: counter('Reads of an entity that scans became; scans that meet are merged.', 'entity'),
  fieldstone_loader_keys_asked_total: counter('Keys of scans, before scans are merged.', 'entity'),
  fieldstone_loader_keys_read_total: counter('Keys that were read of the store, after scans are merged.', 'entity'),
  fieldstone_store_call_duration_seconds: histogram(
    'Calls of an online store by how long they took.',
    ...['store', 'call'],
  ),
  fieldstone_store_errors_total: counter('Calls of an online store that failed.', 'store', 'call', 'code'),
  fieldstone_store_read_keys: histogram('Reads of an online store by how many keys they asked for.', 'store'),
  fieldstone_store_cells_total: counter('Cells that reads of an online store asked for.', 'store'),
  fieldstone_store_failed_cells_total: counter('Cells that a read could not give though it gave others.', 'store'),
  fieldstone_store_stale_cells_total: counter('Copies that a cache gave for a store that could not be read.', 'store'),
  fieldstone_view_rows_total: counter('Rows that answers were made from, by what they came to.', 'view', 'status'),
  fieldstone_view_stale_rows_total: counter(
    'Rows that answers were made from and that a cache gave because the store could not be read.',
    'view',
  ),
  fieldstone_view_row_age_seconds: histogram(
    'Age of rows that were there, from event time to the now of the request; one row in seven is looked at.',
    'view',
  ),
  fieldstone_unknown_column_list_cells_total: counter(
    'Cells read as NOT_FOUND because the column list that they were written with is nowhere.',
  ),
  fieldstone_plan_finds_total: counter('Executions by how the plan was found.', 'find'),
  fieldstone_plans: gauge('Plans that are kept.'),
  fieldstone_plan_cache_bytes: gauge('About how much memory the kept plans take, in bytes.'),
  fieldstone_cache_finds_total: counter('Cells that a cache was asked for, by what it had.', 'store', 'found'),
  fieldstone_cache_front_failures_total: counter(
    'Calls of a front store that failed; its cache does without.',
    'store',
  ),
  fieldstone_cache_store_reads_total: counter('Reads of the store behind a cache.', 'store'),
  fieldstone_cache_bytes: gauge('What a cache in this process holds, in bytes.', 'store'),
  fieldstone_cache_evictions_total: counter('Cells that a cache in this process let go for want of room.', 'store'),
  fieldstone_store_circuit_state: worst(
    '0: a store is read; 1: it is tried; 2: it is left alone, for it does not answer.',
    'store',
  ),
  fieldstone_store_refusals_total: counter('Reads that the guard of a store refused or gave up.', 'store', 'why'),
  fieldstone_build_info: fact(
    '1, with the version of Fieldstone and the registry that is served.',
    'version',
    'deployment',
    'fingerprint',
  ),
} as const satisfies Readonly<Record<string, MetricDefinition>>

export type MetricName = keyof typeof METRICS
