import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTracker, type Tracker } from '../support/swarm/tracker.ts'
import { UploadingEngine } from './uploading-engine.ts'

/** What all cells of a run share. */
export interface Lab {
  readonly folder: string
  readonly tracker: Tracker
  readonly engine: UploadingEngine
  close(): Promise<void>
}

export async function openLab(): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'playlink-interop-'))
  const tracker = await startTracker()
  const engine = await UploadingEngine.start()
  return {
    folder,
    tracker,
    engine,
    close: async () => {
      await engine.close()
      await tracker.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
