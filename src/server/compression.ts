import { promisify } from 'node:util'
import {
  brotliCompress,
  brotliCompressSync,
  constants,
  gzip,
  gzipSync,
  type ZlibOptions,
  zstdCompress,
  zstdCompressSync,
} from 'node:zlib'
import Negotiator from 'negotiator'
import type { CompressionSettings, Encoding } from '../registry/compression-settings.ts'
import { rememberingHeaders } from './remembered-headers.ts'

/** Compresses answers as their clients take it. */
export interface Compression {
  /** The content coding for an answer of so many bytes by the request's `accept-encoding`; undefined: as it is. */
  choose(acceptEncoding: string | undefined, bodyBytes: number): Encoding | undefined
  /** The whole body, so that its length is known before it is sent. */
  compress(encoding: Encoding, body: Uint8Array): Promise<Buffer>
}

export function createCompression({ thresholdBytes, encodings }: CompressionSettings): Compression {
  const chosen = rememberingHeaders((acceptEncoding) => negotiate(acceptEncoding, encodings))
  return {
    choose: (acceptEncoding, bodyBytes) =>
      acceptEncoding === undefined || bodyBytes < thresholdBytes ? undefined : chosen(acceptEncoding),
    compress: async (encoding, body) => {
      const { atOnce, inPool, atOnceBytes } = COMPRESSORS[encoding]
      return body.byteLength <= atOnceBytes ? atOnce(body) : inPool(body)
    },
  }
}

/** Of a header that is read: 16,000 commas, which a header may be, would take 60 ms. */
const MOST_HEADER_LENGTH = 256

/** What `@types/negotiator` does not know yet. */
interface PreferringNegotiator {
  encoding(available: readonly string[], options: { readonly preferred: readonly string[] }): string | undefined
}

/** By the client's weights, then by our order. Identity stands last in it: who takes both alike gets the smaller one. */
function negotiate(acceptEncoding: string, encodings: readonly Encoding[]): Encoding | undefined {
  if (acceptEncoding.length > MOST_HEADER_LENGTH) return undefined
  const negotiator: PreferringNegotiator = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } })
  const found = negotiator.encoding([...encodings, 'identity'], { preferred: encodings })
  return encodings.find((encoding) => encoding === found)
}

interface Compressor {
  atOnce(body: Uint8Array): Buffer
  inPool(body: Uint8Array): Promise<Buffer>
  /** Up to here the thread of requests is held no longer by the work than by handing it to another. */
  readonly atOnceBytes: number
}

/* Levels and sizes are measured: docs/adr/0011-compression.md. */
const COMPRESSORS: Readonly<Record<Encoding, Compressor>> = {
  gzip: {
    atOnce: (body) => gzipSync(body, { level: 1, ...inOneChunk(body) }),
    inPool: (body) => promisedGzip(body, { level: 1, ...inOneChunk(body) }),
    atOnceBytes: 16_384,
  },
  br: {
    atOnce: (body) => brotliCompressSync(body, { params: brotliParams(body), ...inOneChunk(body) }),
    inPool: (body) => promisedBrotli(body, { params: brotliParams(body), ...inOneChunk(body) }),
    atOnceBytes: 16_384,
  },
  zstd: {
    atOnce: (body) => zstdCompressSync(body, { params: ZSTD_PARAMS, ...inOneChunk(body) }),
    inPool: (body) => promisedZstd(body, { params: ZSTD_PARAMS, ...inOneChunk(body) }),
    atOnceBytes: 32_768,
  },
}

const promisedGzip = promisify<Uint8Array, ZlibOptions, Buffer>(gzip)
const promisedBrotli = promisify(brotliCompress)
const promisedZstd = promisify(zstdCompress)

const ZSTD_PARAMS = { [constants.ZSTD_c_compressionLevel]: 1 }

function brotliParams(body: Uint8Array) {
  return {
    [constants.BROTLI_PARAM_QUALITY]: 1,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.byteLength,
  }
}

/** JSON shrinks to less than half, so that the work goes to the pool and comes back once. */
function inOneChunk(body: Uint8Array): { readonly chunkSize: number } {
  return { chunkSize: Math.max(1_024, body.byteLength >> 1) }
}
