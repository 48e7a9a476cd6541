import { readFile, rename } from 'node:fs/promises'
import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { isMissing, replaceFile } from '../../disk/replace-file.ts'

/** A note as text; `expiresAt` in wall-clock milliseconds. */
const savedValue = z.object({
  name: z.string(),
  json: z.string(),
  revision: z.int().positive(),
  expiresAt: z.number(),
})

const valuesSchema = z.object({
  version: z.literal(1),
  /** Last revision given, so that none is given twice after a restart. */
  lastRevision: z.int().nonnegative(),
  notes: z.array(savedValue),
})

export type SavedValues = Omit<z.infer<typeof valuesSchema>, 'version'>

const nothing: SavedValues = { lastRevision: 0, notes: [] }

function parseValues(text: string): SavedValues {
  const { lastRevision, notes } = valuesSchema.parse(JSON.parse(text))
  for (const note of notes) JSON.parse(note.json)
  return { lastRevision, notes }
}

/**
 * Reads the notes of an earlier run. A file that is not ours in every detail is set aside as
 * `<path>.corrupt-<time>` for the operator to look at, and the notes begin anew.
 * @throws the file system's error when it can neither be read nor set aside
 */
export async function loadValues(
  path: string,
  clock: Clock,
): Promise<SavedValues & { setAside?: string }> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return nothing
    throw error
  }
  try {
    return parseValues(text)
  } catch {
    const setAside = `${path}.corrupt-${Math.round(clock.wall())}`
    await rename(path, setAside)
    return { ...nothing, setAside }
  }
}

export const saveValues = (path: string, saved: SavedValues): Promise<void> =>
  replaceFile(path, JSON.stringify({ version: 1, ...saved }))
