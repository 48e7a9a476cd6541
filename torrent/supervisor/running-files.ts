import type { Fault } from '../../common/errors.ts'
import { mergedSpec } from '../protocol/merged-spec.ts'
import type { ToEngine } from '../protocol/messages.ts'
import type { DownloadProgress, TorrentSpec } from '../protocol/torrent-engine.ts'

/** A file that the engine works on, as its messages reach it. */
export interface SupervisedFile {
  verified(pieces: readonly number[], generation: number): void
  peerConnected(): void
  /** @param bytes that it takes on disk with the piece that waits */
  needsRoom(bytes: number): void
  report(progress: DownloadProgress): void
  /** @param have bitfield bytes of the pieces that the engine has found or left on disk */
  resumed(have: Uint8Array): void
  fail(fault: Fault): void
  close(): Promise<unknown>
}

export interface RunningFile {
  readonly spec: TorrentSpec
  readonly file: SupervisedFile
  /** The message that opens it in a process that knows nothing of it. */
  openMessage(spec: TorrentSpec): ToEngine
}

/** The files that the engine works on, by message id. They outlive its process. */
export class RunningFiles {
  readonly #running = new Map<number, RunningFile>()

  add(id: number, running: RunningFile): void {
    this.#running.set(id, running)
  }

  get(id: number): SupervisedFile | undefined {
    return this.#running.get(id)?.file
  }

  entries(): readonly (readonly [id: number, running: RunningFile])[] {
    return [...this.#running]
  }

  remove(id: number): void {
    this.#running.delete(id)
  }

  /** The next process is told of it too. */
  learn(spec: TorrentSpec): void {
    for (const [id, running] of this.#running) {
      if (running.spec.infoHash !== spec.infoHash) continue
      this.#running.set(id, { ...running, spec: mergedSpec(running.spec, spec) })
    }
  }

  failAll(fault: Fault): void {
    for (const { file } of this.#running.values()) file.fail(fault)
  }

  /** Does nothing when the id is not of a running file. */
  giveUp(id: number, fault: Fault): void {
    this.get(id)?.fail(fault)
    this.remove(id)
  }
}
