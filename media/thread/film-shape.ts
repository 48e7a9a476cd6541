import { types } from 'node:util'
import { z } from 'zod'
import type { Film } from '../film/film.ts'

const seconds = z.number().min(0).max(1e6)
const text = z.string().max(300)
const id = z
  .int()
  .min(0)
  .max(2 ** 32)

/** What the thread may answer for a file: hostile bytes were read there. */
export const filmShape: z.ZodType<Film> = z
  .object({
    duration: seconds,
    video: z.object({
      id,
      codec: text.regex(/^[\w./-]+$/),
      isCopied: z.boolean(),
      width: z.number().min(0).max(1e5),
      height: z.number().min(0).max(1e5),
    }),
    audio: z
      .array(
        z.object({
          id,
          codec: text,
          channels: z.int().min(0).max(255),
          isCopied: z.boolean(),
          language: text.regex(/^[\w-]*$/).catch('und'),
          title: text,
          isDefault: z.boolean(),
        }),
      )
      .max(40),
    subtitles: z
      .array(
        z.object({
          id,
          language: text.regex(/^[\w-]*$/).catch('und'),
          title: text,
          isForced: z.boolean(),
          isIndexed: z.boolean(),
        }),
      )
      .max(100),
    chapters: z.array(z.object({ at: z.number().min(0), title: text })).max(500),
    starts: z.array(z.number().min(-3600).max(1e6)).max(100_000).nonempty(),
    places: z.array(z.int().min(0)).max(100_000).optional(),
    isIndexed: z.boolean(),
  })
  .readonly()

export const bytesShape = z.custom<Uint8Array>(types.isUint8Array)

export const textShape = z.string().max(4 << 20)

export const packetsShape = z.object({
  matroska: bytesShape,
  at: z.number().min(-3600).max(1e6).optional(),
})

/** A frame is shown for eight milliseconds at least, and a segment is no longer than its packets are many. */
export const picturesShape = z.object({
  matroska: bytesShape,
  base: z.number().min(-3600).max(1e6),
  from: z.number().min(-3600).max(1e6),
  to: z.number().or(z.literal(Number.POSITIVE_INFINITY)),
  times: z.array(z.number().min(-3600).max(1e6)).max(25_000),
  isCounted: z.boolean(),
  rotation: z.literal([0, 90, 180, 270]),
})
