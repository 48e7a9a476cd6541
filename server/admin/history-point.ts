import { z } from 'zod'

/** How long a point is of, and how many make a day. */
export const POINT_MS = 300_000
export const POINTS = 288

/** What is told of five minutes, in the order in which the index keeps it. */
export const figures = [
  'playsRunning',
  'sentBytesPerSecond',
  'downloadsRunning',
  'downloadedBytesPerSecond',
  'diskUsedBytes',
  'evictedFiles',
  'firstByteMs',
  'conversionsRunning',
  'errors',
] as const

type Figure = (typeof figures)[number]

/** Whole numbers; null: there was nothing to measure. */
export type HistoryPoint = Readonly<Record<Figure, number | null>>

/** Answer of GET /api/history. */
export interface HistoryView {
  readonly everySeconds: number
  /** ISO 8601: when the first point begins. The last one is of now, and still grows. */
  readonly from: string
  /** A day of points each; null where nothing was measured, as while the server was away. */
  readonly figures: Readonly<Record<Figure, readonly (number | null)[]>>
}

/** The number of the five minutes since 1970 in which a moment of the wall clock lies. */
export const slotOf = (wallMs: number): number => Math.floor(wallMs / POINT_MS)

/** As the index keeps it: of each point its slot and its figures, so that a day takes 20 kB and never over 50. */
export type StoredHistory = readonly (readonly (number | null)[])[]

const count = z.int().nonnegative()
/** Others can write to a shared index: what is no history counts as none. */
export const historyShape = z
  .array(z.array(count.nullable()).length(figures.length + 1))
  .max(POINTS)
  .transform((points) => new Map(points.flatMap(pointIn)))

function pointIn([slot, ...values]: readonly (number | null)[]): [number, HistoryPoint][] {
  if (slot == null) return []
  return [[slot, byFigure((_, i) => values[i] ?? null)]]
}

const byFigure = <Value>(of: (name: Figure, i: number) => Value): Record<Figure, Value> =>
  Object.fromEntries(figures.map((name, i) => [name, of(name, i)])) as Record<Figure, Value>

export const toStored = (points: ReadonlyMap<number, HistoryPoint>): StoredHistory =>
  [...points].map(([slot, point]) => [slot, ...figures.map((name) => point[name])])

/** A day that ends with the slot `last`. */
export function viewOf(points: ReadonlyMap<number, HistoryPoint>, last: number): HistoryView {
  const first = last - POINTS + 1
  const slots = Array.from({ length: POINTS }, (_, i) => points.get(first + i))
  return {
    everySeconds: POINT_MS / 1000,
    from: new Date(first * POINT_MS).toISOString(),
    figures: byFigure((name) => slots.map((point) => point?.[name] ?? null)),
  }
}
