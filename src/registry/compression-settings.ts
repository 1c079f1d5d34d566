/** Content codings that an answer may have. */
export type Encoding = 'gzip' | 'br' | 'zstd'

export const ENCODINGS = ['zstd', 'br', 'gzip'] as const satisfies readonly Encoding[]

/** How answers are compressed, set under `server.compression`. */
export interface CompressionSettings {
  /** Bytes; shorter answers go as they are. Default 1,024. */
  readonly thresholdBytes: number
  /** Each once, the best first: the order that decides where a client likes several alike. Default zstd, br, gzip. */
  readonly encodings: readonly Encoding[]
}

export const DEFAULT_COMPRESSION: CompressionSettings = Object.freeze({ thresholdBytes: 1_024, encodings: ENCODINGS })
