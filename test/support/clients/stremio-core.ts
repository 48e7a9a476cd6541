import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** A stream as the core's state shows it: what it did not understand is not there. */
interface KeptStream {
  readonly url?: string
  readonly name?: string | null
  readonly description?: string | null
  readonly behaviorHints?: Record<string, unknown>
}

/** A title as the core's state shows it. */
interface KeptMeta {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly poster?: string | null
  readonly videos?: readonly { readonly id: string }[]
}

export interface CoreVisit {
  /** The addon as the core understood its manifest. */
  readonly descriptor: {
    readonly transportUrl: string
    readonly manifest: Record<string, unknown>
  }
  /** One list for each video that was asked for. */
  readonly streams: readonly (readonly KeptStream[])[]
  /** Items of the catalogs that were asked for, all pages in one. */
  readonly catalogs: readonly (readonly KeptMeta[])[]
  readonly metas: readonly KeptMeta[]
  /** Addresses of other origins that the core wanted and did not get. */
  readonly refused: readonly string[]
  /** What came of playing a stream of the first video. */
  readonly watched?: {
    /** What the apps play when it is over. */
    readonly next: { readonly id: string; readonly streams: readonly KeptStream[] }
    /** The first video's streams, listed again. */
    readonly again: readonly (KeptStream & { readonly lastUsed: boolean | null })[]
  }
}

const child = fileURLToPath(new URL('./stremio-core-child.ts', import.meta.url))

/** Installs an addon in the core of the Stremio apps and opens videos there. */
export async function visitWithStremioCore(
  transportUrl: string,
  videos: readonly { readonly type: string; readonly id: string }[],
  more: {
    /** Then plays the first video's stream with that address, of a series that `metaUrl` describes. */
    readonly watch?: { readonly metaUrl: string; readonly url: string }
    readonly catalogs?: readonly {
      readonly type: string
      readonly id: string
      readonly pages: number
      readonly search?: string
    }[]
    readonly metas?: readonly { readonly type: string; readonly id: string }[]
  } = {},
): Promise<CoreVisit> {
  const order = JSON.stringify({ transportUrl, videos, ...more })
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', child, order], {
    timeout: 60_000,
    maxBuffer: 16 * 1024 * 1024,
  })
  return JSON.parse(stdout) as CoreVisit
}
