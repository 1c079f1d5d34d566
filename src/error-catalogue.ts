/** One entry of the catalogue; `docs/errors/<CODE>.md` is generated from it. */
export interface ErrorEntry {
  /** What the code means, as the heading of its page. */
  readonly title: string
  readonly why: string
  readonly mend: string
  readonly retryable: boolean
}

/** Every code there is, in the order of the data's way. A test keeps the pages in docs/errors equal to it, both ways. */
export const catalogue = {
  DEFINITION_INVALID: {
    title: 'A definition is not legal',
    why: 'Definitions are closed and checked before anything is served.',
    mend: 'Change the definition as the message says.',
    retryable: false,
  },
  DEFINITION_NAME_ILLEGAL: {
    title: 'A name is not a legal GraphQL name',
    why: 'Names become GraphQL names: a letter, then letters, digits or _, and not starting with __.',
    mend: 'Choose another name.',
    retryable: false,
  },
  DEFINITION_NAME_TAKEN: {
    title: 'A name is used twice, is reserved, or meets a generated name',
    why: 'Every name of the schema means one thing.',
    mend: 'Rename one of the two.',
    retryable: false,
  },
  DEFINITION_REFERENCE_UNRESOLVED: {
    title: 'A definition refers to something that is not there',
    why: 'Every reference must resolve within one deployment.',
    mend: 'Define it, export it from the definitions the config names, or mend the name.',
    retryable: false,
  },
  DEFINITION_CYCLE: {
    title: 'On-demand features need each other in a circle',
    why: 'An on-demand feature is computed from its inputs, so none may need itself.',
    mend: 'Break the circle at one of its inputs.',
    retryable: false,
  },
  CONFIG_INVALID: {
    title: 'The config is not legal',
    why: 'fieldstone.config.ts is checked whole before anything starts.',
    mend: 'Change the value at the path named.',
    retryable: false,
  },
  CONFIG_NOT_FOUND: {
    title: 'There is no config',
    why: 'Commands read fieldstone.config.ts of the current folder.',
    mend: "Run the command beside it, name it with --config, or make one with 'fieldstone init'.",
    retryable: false,
  },
  NODE_UNSUPPORTED: {
    title: 'Node is too old',
    why: 'Definitions are TypeScript, which Node runs as it is from 22.18 on.',
    mend: 'Use Node 22.18 or later.',
    retryable: false,
  },
  ENVIRONMENT_MISSING: {
    title: 'A variable of the environment is not set',
    why: 'The config names it by env().',
    mend: 'Set the variable, or give env() a default.',
    retryable: false,
  },
  DRIVER_MISSING: {
    title: "A driver's npm library is not installed",
    why: 'Drivers load their library only when they are used.',
    mend: 'Install it with npm.',
    retryable: false,
  },
  KEY_INVALID: {
    title: 'A key is not legal for its entity',
    why: 'Key columns have a type, and an encoded key is 1 to 1,024 bytes.',
    mend: 'Send a key of the declared type and size.',
    retryable: false,
  },
  REPRESENTATION_INVALID: {
    title: 'A representation given to _entities is not legal',
    why: 'A representation is an object with __typename and all key fields of an entity.',
    mend: 'Send the key fields that the entity declares.',
    retryable: false,
  },
  ARGUMENTS_INVALID: {
    title: 'Arguments of an on-demand feature do not fit their zod schema',
    why: "The view's zod schema is stricter than the GraphQL input type.",
    mend: 'Send arguments that fit it.',
    retryable: false,
  },
  ON_DEMAND_FAILED: {
    title: 'An on-demand function threw',
    why: 'The function of the view threw an error; only its own features are null.',
    mend: 'Mend the function: the log holds the whole error.',
    retryable: false,
  },
  ON_DEMAND_RESULT_INVALID: {
    title: 'An on-demand function gave a value outside its dtype',
    why: 'Every result must fit the dtype that the feature declares.',
    mend: 'Mend the function or the dtype.',
    retryable: false,
  },
  VALUE_INVALID: {
    title: 'A value does not fit its declared dtype or nullability',
    why: 'Values are checked when they are written and never cast silently.',
    mend: 'Mend the source, or declare the dtype that it holds.',
    retryable: false,
  },
  CELL_CORRUPT: {
    title: 'A stored cell cannot be read',
    why: 'Its bytes are not a cell of a codec version that this program knows.',
    mend: 'Materialize the view again; if it returns, look at who else writes to this store.',
    retryable: false,
  },
  STORE_UNAVAILABLE: {
    title: 'A store did not answer',
    why: 'The read or write failed before it was done.',
    mend: "Try again; 'fieldstone doctor' shows which store is down.",
    retryable: true,
  },
  STORE_BUSY: {
    title: 'A store has as many reads in flight as it takes',
    why: 'server.storeGuard of the config says how many, and how many may wait for their turn: more would only slow each other down.',
    mend: 'Send the request again a little later.',
    retryable: true,
  },
  STORE_REFUSED: {
    title: 'A store refused a call',
    why: 'It answered, but does not do this for us: names, rights or settings are not as they should be.',
    mend: 'Mend what the message says; trying again does not help.',
    retryable: false,
  },
  STORE_LAYOUT_UNKNOWN: {
    title: 'A store was laid out by another version of Fieldstone',
    why: 'Its rows lie as this program does not know them.',
    mend: 'Use the version that laid it out, or a store or key prefix of its own for this one.',
    retryable: false,
  },
  STORE_CLOSED: {
    title: 'A store was used after it was closed',
    why: 'The process is shutting down.',
    mend: 'Send the request to another process.',
    retryable: true,
  },
  REQUEST_ABORTED: {
    title: 'A request was given up before it was answered',
    why: 'The client went away, or a deadline passed, so nothing more was read for it.',
    mend: 'Send the request again, with more time if it was a deadline.',
    retryable: true,
  },
  NOT_APPLIED: {
    title: 'A view is not applied to the online store as it is defined here',
    why: 'A process writes only under a fingerprint that the store has on record.',
    mend: "Run 'fieldstone plan', then 'fieldstone apply'.",
    retryable: false,
  },
  CHANGE_BREAKING: {
    title: 'A change needs a new version of its view',
    why: 'Stored rows and trained models hang on what a version means.',
    mend: "Give the view a new 'version', or undo the change.",
    retryable: false,
  },
  CHANGE_DESTRUCTIVE: {
    title: 'A change would delete what is stored',
    why: 'Nothing stored is deleted by surprise.',
    mend: 'Pass --allow-destructive if that is meant.',
    retryable: false,
  },
  SOURCE_INVALID: {
    title: 'A source cannot be read as it is defined',
    why: 'The offline store refused the query or a column is missing.',
    mend: 'Mend the source: its SQL, file or column names.',
    retryable: false,
  },
  ROWS_REJECTED: {
    title: 'More rows were rejected than --max-rejected allows',
    why: 'Rows that do not fit their declaration are never written.',
    mend: 'Look at the report file, mend the source, or raise --max-rejected.',
    retryable: false,
  },
  LEASE_HELD: {
    title: 'Another process is at the same work',
    why: 'A run holds a lease on its view.',
    mend: 'Wait until it is done, or until its lease has run out.',
    retryable: true,
  },
  ADDRESS_REFUSED: {
    title: 'The gateway cannot listen at its address',
    why: 'The system refused it: the address is not of this machine, or the port needs rights.',
    mend: 'Choose another host or port.',
    retryable: false,
  },
  PORT_IN_USE: {
    title: 'The port is in use',
    why: 'Another program listens there.',
    mend: 'Stop it, or choose another port with --port or PORT.',
    retryable: false,
  },
  SCHEMA_OUTDATED: {
    title: 'The printed schema is not what the definitions give',
    why: 'schema.graphql is generated and kept in the repository.',
    mend: "Run 'fieldstone generate' and commit the result.",
    retryable: false,
  },
  USAGE: {
    title: 'A command was called with words that it does not know',
    why: 'The arguments do not fit the command.',
    mend: "See 'fieldstone <command> --help'.",
    retryable: false,
  },
  NAME_UNKNOWN: {
    title: 'A command names something that the deployment does not define',
    why: 'Entities, views and features are known by the names that the definitions give them.',
    mend: 'Use one of the names that the message lists.',
    retryable: false,
  },
  FOLDER_NOT_EMPTY: {
    title: 'A new deployment needs an empty folder',
    why: 'Nothing that is there is overwritten.',
    mend: "Name a new folder: 'fieldstone init my-features'.",
    retryable: false,
  },
  FOLDER_REFUSED: {
    title: 'A new deployment cannot be written where it should be',
    why: 'The system refused it: the place is no folder, or needs rights.',
    mend: 'Name a folder that you may write to.',
    retryable: false,
  },
  REQUEST_INVALID: {
    title: 'An HTTP request is not a GraphQL request',
    why: 'The body or the method is not what GraphQL over HTTP takes.',
    mend: 'Send a POST of application/json with a "query".',
    retryable: false,
  },
  METHOD_NOT_ALLOWED: {
    title: 'An HTTP method is not taken at this path',
    why: 'Each path takes the methods that its Allow header names.',
    mend: 'Use one of the methods in the Allow header.',
    retryable: false,
  },
  PATH_UNKNOWN: {
    title: 'Nothing is served at this path',
    why: 'The gateway has a handful of paths.',
    mend: 'GraphQL is at /graphql.',
    retryable: false,
  },
  MEDIA_TYPE_UNSUPPORTED: {
    title: 'The body of a request is of a type that is not taken',
    why: 'GraphQL over HTTP sends JSON in UTF-8.',
    mend: "Send the header 'content-type: application/json'.",
    retryable: false,
  },
  BODY_TOO_LARGE: {
    title: 'The body of a request is too large',
    why: 'server.limits.maxBodyBytes of the config says how large one may be.',
    mend: 'Ask for fewer keys in one request, or raise the limit.',
    retryable: false,
  },
  BAD_REQUEST: {
    title: 'The parameters of a GraphQL request are not legal',
    why: 'query, variables, operationName and extensions have the types that GraphQL over HTTP gives them.',
    mend: 'Send them as the message says.',
    retryable: false,
  },
  GRAPHQL_PARSE_FAILED: {
    title: 'An operation is not GraphQL',
    why: 'Its text does not follow the syntax of GraphQL.',
    mend: 'Mend the text at the place named.',
    retryable: false,
  },
  GRAPHQL_VALIDATION_FAILED: {
    title: 'An operation does not fit the schema',
    why: 'It is checked whole before anything is read.',
    mend: 'Mend it as the message says; GraphiQL shows the schema.',
    retryable: false,
  },
  OPERATION_RESOLUTION_FAILURE: {
    title: 'Which operation to run is not clear',
    why: 'A document of several operations runs the one that operationName names.',
    mend: 'Send an operationName that the document holds.',
    retryable: false,
  },
  BAD_USER_INPUT: {
    title: 'A variable does not fit its type',
    why: 'Variables are checked against the types that the operation declares.',
    mend: 'Send a value of the declared type.',
    retryable: false,
  },
  PERSISTED_QUERY_NOT_FOUND: {
    title: 'A persisted query is not known here',
    why: 'This process has not seen the text of that hash, or has let it go.',
    mend: 'Send the text with the hash once; clients that know automatic persisted queries do it by themselves.',
    retryable: true,
  },
  LIMIT_EXCEEDED: {
    title: 'A request asks for more than a limit allows',
    why: 'server.limits of the config bounds what one request may cost, so that none holds up the others.',
    mend: 'Ask for less in one request, or raise the limit.',
    retryable: false,
  },
  ERRORS_OMITTED: {
    title: 'An answer has more errors than it reports',
    why: 'server.limits.maxErrors of the config says how many are reported: the first by their place. Every field that failed is null all the same.',
    mend: 'Mend what the reported errors say, or raise the limit.',
    retryable: false,
  },
  DEADLINE_EXCEEDED: {
    title: 'A request was not answered in time',
    why: 'server.limits.deadlineMillis of the config had passed, so nothing more was read for it.',
    mend: 'Send the request again, ask for less in one request, or raise the limit.',
    retryable: true,
  },
  TOO_MANY_REQUESTS: {
    title: 'The gateway has as many requests as it takes at one time',
    why: 'server.limits.maxConcurrentRequests of the config says how many, and maxQueuedRequests and maxQueueMillis how many wait for their turn, and how long.',
    mend: 'Send the request again a little later, or to another process.',
    retryable: true,
  },
  OVERLOADED: {
    title: 'The gateway has more to do than it can do in time',
    why: 'Its event loop is late by more than server.limits.maxEventLoopDelayMillis of the config, so some requests are refused before any work is done for them.',
    mend: 'Send the request again a little later, or to another process.',
    retryable: true,
  },
  SHUTTING_DOWN: {
    title: 'The gateway is shutting down',
    why: 'It finishes the requests it has and takes no new ones.',
    mend: 'Send the request again; another process will take it.',
    retryable: true,
  },
  INTERNAL_SERVER_ERROR: {
    title: 'An unexpected error',
    why: 'This is a bug of Fieldstone or of its surroundings; the log holds the whole error.',
    mend: 'Look into the log for the request.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>

/** A code of the catalogue. */
export type ErrorCode = keyof typeof catalogue
