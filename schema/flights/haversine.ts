interface Point {
  /** Degrees north. */
  readonly latitude: number
  /** Degrees east. */
  readonly longitude: number
}

/** Mean radius of the Earth (IUGG). */
const EARTH_RADIUS_KM = 6371.0088

/** Great-circle distance of two points on a sphere, in kilometres. */
export function haversineKm(from: Point, to: Point): number {
  const latitudes = haversine(radians(to.latitude - from.latitude))
  const longitudes = haversine(radians(to.longitude - from.longitude))
  const h = latitudes + Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * longitudes
  // Rounding can carry h past 1 for points that are opposite to each other.
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, h)))
}

function haversine(angle: number): number {
  return Math.sin(angle / 2) ** 2
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180
}
