import type { CodegenConfig } from '@graphql-codegen/cli'

/** Types of the sample's operations, for the end-to-end tests. */
const config: CodegenConfig = {
  schema: 'schema/flights/schema.graphql',
  documents: 'schema/flights/operations/*.graphql',
  generates: {
    'test/e2e/flights.generated.ts': {
      plugins: ['typescript-operations'],
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: {
          Timestamp: 'string',
          Int64: 'string',
          JSON: 'unknown',
          Bytes: 'string',
          ExtendedFloat: 'number | string',
        },
      },
    },
  },
}

export default config
