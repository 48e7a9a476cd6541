import { z } from 'zod'
import { FILE_KEY, type FileKey } from '../../common/bittorrent/file-key.ts'

// What may be posted to the management API, each under its name in docs/openapi.yaml, whose schemas are made of these.
// An unknown member is a misspelt one: said at once instead of quietly doing nothing.

/** Bytes of a body. A magnet link has at most 8 KiB. */
export const MAX_BODY = { cleanup: 4 * 1024, stop: 4 * 1024, doctor: 1024, download: 12 * 1024 }
/** As many names as fit into 4 KiB. */
const MAX_KEYS = 50

const EXAMPLE_KEYS = ['0123456789abcdef0123456789abcdef01234567/0']

const FileKeyText = z
  .string()
  .regex(FILE_KEY)
  .pipe(z.custom<FileKey>())
  .meta({ description: '<info hash>/<file index>' })
const FileKeys = z.array(FileKeyText).min(1).max(MAX_KEYS)
const id = z.int().positive()

export const CleanupOrder = z
  .strictObject({
    forceCleanup: z.boolean().optional().meta({ description: 'Everything that nobody uses.' }),
    remove: z.array(FileKeyText).max(MAX_KEYS).optional(),
  })
  .meta({ examples: [{ forceCleanup: true }, { remove: EXAMPLE_KEYS }] })

export const StopOrder = z
  .strictObject({ stop: id.meta({ description: 'Id of a play.' }) })
  .meta({ examples: [{ stop: 7 }] })

export const TryOrder = z
  .strictObject({
    magnet: z.string().max(MAX_BODY.download).meta({ description: 'A magnet link.' }),
  })
  .meta({
    examples: [{ magnet: `magnet:?xt=urn:btih:${'0123456789abcdef'.repeat(3).slice(0, 40)}` }],
  })

/** There is nothing to choose. */
export const DoctorOrder = z.strictObject({}).meta({ examples: [{}] })

const WHAT = 'An IMDb id, with `:season` or `:season:episode`, or a magnet link.'
const add = z.string().max(MAX_BODY.download).meta({ description: WHAT })
const keep = z.boolean().optional().meta({ description: 'Pins what it brings.' })
export const DownloadOrder = z
  .union([
    z.strictObject({ add, keep }),
    z.strictObject({ stop: id }),
    z.strictObject({ pause: id }),
    z.strictObject({ resume: id }),
    z.strictObject({ pin: FileKeys }),
    z.strictObject({ unpin: FileKeys }),
  ])
  .meta({
    examples: [
      { add: 'tt9005001', keep: true },
      { stop: 1_000_000 },
      { pin: EXAMPLE_KEYS },
      { unpin: EXAMPLE_KEYS },
    ],
  })

const NAMED = {
  FileKey: FileKeyText,
  FileKeys,
  CleanupOrder,
  StopOrder,
  TryOrder,
  DoctorOrder,
  DownloadOrder,
}

/** JSON Schemas (2020-12) of what may be posted, by their names, which refer to each other by `prefix` and name. */
export function orderSchemas(prefix: string): Record<string, object> {
  const registry = z.registry<{ id: string }>()
  for (const [id, shape] of Object.entries(NAMED)) registry.add(shape, { id })
  const { schemas } = z.toJSONSchema(registry, {
    metadata: z.globalRegistry,
    io: 'input',
    uri: (id) => prefix + id,
    override({ jsonSchema }) {
      // JavaScript's largest whole number is no limit that a reader has to know.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
    },
  })
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema, $id, ...schema }]) => [name, schema]),
  )
}
