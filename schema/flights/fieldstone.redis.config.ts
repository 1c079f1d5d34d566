import { env, redis } from 'fieldstone'
import { flightsConfig } from './fieldstone.config.ts'

/** The sample with its rows in Redis. */
export default flightsConfig(
  '.fieldstone',
  redis({ url: env('REDIS_URL', 'redis://127.0.0.1:6379'), keyPrefix: 'flights' }),
)
