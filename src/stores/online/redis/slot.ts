/** CRC-16 of XMODEM, by which a cluster spreads keys. */
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021
  return crc
})

const CLOSING_BRACE = 0x7d

/** The slot of a name whose hash tag begins at `tagAt`, after its brace, and ends before the next closing one. */
export function slotOf(name: Uint8Array, tagAt: number): number {
  let crc = 0
  for (let at = tagAt; name[at] !== CLOSING_BRACE; at += 1) crc = (crc << 8) ^ TABLE[((crc >> 8) ^ name[at]!) & 0xff]!
  return crc & 0x3fff
}
