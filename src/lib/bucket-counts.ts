/** How many values fell between which bounds, and their sum: a histogram that is cheap to add to and is read now and then. */
export class BucketCounts {
  /** Upper bounds, ascending, each inclusive; what is above the last is counted after them. */
  readonly bounds: readonly number[]
  /** Of each bound, not cumulated; one more than there are bounds. */
  readonly counts: Float64Array
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  add(value: number): void {
    const { bounds, counts } = this
    let place = 0
    while (place < bounds.length && value > bounds[place]!) place += 1
    counts[place]! += 1
    this.sum += value
  }
}
