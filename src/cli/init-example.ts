import { readFileSync } from 'node:fs'

/**
 * The example of `fieldstone init`: customers and their orders. Kept as text, so that it is in the package whatever
 * builds it.
 * @param today the generated orders end the day before
 * @returns names relative to the new folder, and texts
 */
export function exampleFiles(today: Date): readonly (readonly [name: string, text: string])[] {
  return [
    ['package.json', packageJson()],
    ['tsconfig.json', TSCONFIG],
    ['.gitignore', 'node_modules/\n.fieldstone/\n'],
    ['README.md', README],
    ['fieldstone.config.ts', CONFIG],
    ['features.ts', FEATURES],
    ['example.graphql', OPERATION],
    ['data/customers.csv', customersCsv()],
    ['data/orders.csv', ordersCsv(today)],
  ]
}

function packageJson(): string {
  const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const { peerDependencies, peerDependenciesMeta, engines } = own
  // Packages of drivers that the example does not use are installed by who uses them.
  const needed = Object.entries(peerDependencies).filter(([name]) => peerDependenciesMeta[name]?.optional !== true)
  return `${JSON.stringify(
    {
      name: 'my-features',
      private: true,
      type: 'module',
      engines,
      scripts: { dev: 'fieldstone dev', check: 'tsc && fieldstone generate --check' },
      dependencies: { fieldstone: `^${own.version}`, ...Object.fromEntries(needed) },
      devDependencies: {
        '@types/node': own.devDependencies['@types/node'],
        typescript: own.devDependencies.typescript,
      },
    },
    undefined,
    2,
  )}\n`
}

const TSCONFIG = `{
  "compilerOptions": {
    "target": "ES2024",
    "module": "NodeNext",
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "exactOptionalPropertyTypes": true,
    "verbatimModuleSyntax": true,
    "erasableSyntaxOnly": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["*.ts"]
}
`

const README = `# Features

Customers and what they ordered, as features that GraphQL serves.

\`\`\`
npm install
npx fieldstone apply         # records the definitions in the online store
npx fieldstone materialize   # brings the rows of data/ into it
npx fieldstone serve         # http://localhost:4000
\`\`\`

\`npx fieldstone generate\` prints the GraphQL schema to \`schema.graphql\`; keep it in the repository.

Open http://localhost:4000 and run what stands in \`example.graphql\`, or stay in the terminal:

\`\`\`
npx fieldstone get Customer C001 C002
npx fieldstone explain example.graphql
\`\`\`

| file | what it is |
|---|---|
| \`features.ts\` | the definitions: the one thing to edit |
| \`fieldstone.config.ts\` | which stores are used, and where they are |
| \`data/\` | generated rows; put your own tables in their place |
| \`.fieldstone/\` | the online store and reports; may be deleted at any time |

\`npx fieldstone dev\` serves too, and takes up every change of \`features.ts\` while it runs. \`npx fieldstone doctor\` says what is
wrong when something is.
`

const CONFIG = `import { defineConfig, duckdb, lmdb } from 'fieldstone'
import * as definitions from './features.ts'

export default defineConfig({
  name: 'shop',
  definitions,
  online: lmdb({ path: '.fieldstone/online' }),
  offline: duckdb({ tables: { orders: { file: 'data/orders.csv' } } }),
  server: { sampleOperation: 'example.graphql' },
})
`

const FEATURES = `import {
  batchView,
  entity,
  featureService,
  float64,
  int32,
  onDemandView,
  staticTable,
  string,
  tableSource,
  timestamp,
} from 'fieldstone'

export const customer = entity('Customer', {
  description: 'Someone who orders.',
  keys: { customerId: string({ description: 'e.g. C001.' }) },
})

export const customerProfile = batchView('customerProfile', {
  entity: customer,
  source: staticTable({ file: 'data/customers.csv' }),
  features: {
    name: string({ description: 'As it stands on invoices.', nullable: false }),
    country: string({ description: 'Two letters.' }),
  },
})

export const customerOrders = batchView('customerOrders', {
  entity: customer,
  // A row for each order, as things stood with it: its time is the first instant at which it may be used.
  source: tableSource({
    sql: \`
      select
        customerId,
        orderedAt,
        (count(*) over soFar)::integer as orderCount,
        sum(amount) over soFar as spent,
        orderedAt as lastOrderAt
      from orders
      window soFar as (partition by customerId order by orderedAt)\`,
    eventTime: 'orderedAt',
  }),
  ttl: '365d',
  features: {
    orderCount: int32({ description: 'Orders so far.', nullable: false, default: 0 }),
    spent: float64({ description: 'What all orders cost together.', default: 0 }),
    lastOrderAt: timestamp({ description: 'When the last order came.' }),
  },
})

export const customerRecency = onDemandView('customerRecency', {
  entity: customer,
  inputs: { lastOrderAt: customerOrders.features.lastOrderAt },
  features: { daysSinceLastOrder: float64({ description: 'Days from the last order to now.' }) },
  compute: ({ inputs, nowMicros }) => ({ daysSinceLastOrder: (nowMicros - inputs.lastOrderAt) / 86_400_000_000 }),
})

export const churnModelV1 = featureService('churnModelV1', {
  description: 'What the churn model reads of a customer.',
  roles: { customer },
  features: {
    customer: [
      customerOrders.features.orderCount,
      customerOrders.features.spent,
      customerRecency.features.daysSinceLastOrder,
    ],
  },
})
`

const OPERATION = `query Customers {
  customers(keys: [{ customerId: "C001" }, { customerId: "C002" }]) {
    name
    orderCount
    spent
    daysSinceLastOrder
    featureInfo(names: [orderCount]) {
      status
      ageSeconds
    }
  }
}
`

const NAMES = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Frances', 'Tony', 'Jean', 'Niklaus']
const COUNTRIES = ['GB', 'US', 'NL', 'CH']
const DAY_MILLIS = 86_400_000

function customersCsv(): string {
  const rows = Array.from({ length: 50 }, (_, index) => {
    const name = `${NAMES[index % NAMES.length]} ${String.fromCharCode(65 + Math.floor(index / NAMES.length))}.`
    return `${customerId(index)},${name},${COUNTRIES[index % COUNTRIES.length]}`
  })
  return `customerId,name,country\n${rows.join('\n')}\n`
}

/** Some orders of most customers over the 90 days before `today`: always the same ones, up to the day they begin at. */
function ordersCsv(today: Date): string {
  const random = randomNumbers(20)
  const midnight = Math.floor(today.getTime() / DAY_MILLIS) * DAY_MILLIS
  const orders = Array.from({ length: 600 }, () => {
    const orderedAt = new Date(midnight - Math.floor(random() * 90 * 86_400) * 1000 - 1000)
    // The last five customers have not ordered yet.
    return { orderedAt, customer: customerId(Math.floor(random() ** 2 * 45)), amount: (5 + random() * 95).toFixed(2) }
  })
  orders.sort((a, b) => a.orderedAt.getTime() - b.orderedAt.getTime())
  const rows = orders.map(
    ({ orderedAt, customer, amount }, index) =>
      `${index + 1},${customer},${orderedAt.toISOString().replace('.000', '')},${amount}`,
  )
  return `orderId,customerId,orderedAt,amount\n${rows.join('\n')}\n`
}

function customerId(index: number): string {
  return `C${String(index + 1).padStart(3, '0')}`
}

/** Numbers from 0 up to 1 by a linear congruential generator, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
