import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Log } from '../../../../common/log.ts'
import type { Title } from '../../../../common/title.ts'
import type { TitleFacts } from '../../../../sources/matching/titles/title-facts.ts'
import type { Library, LibraryDeps } from '../../../../sources/providers/library/library.ts'
import { openLibrary } from '../../../../sources/providers/library/library.ts'
import { nearParser } from '../../../support/names.ts'
import { handClock, never, silent } from '../../fakes.ts'

/** A folder of a test with files of ten bytes, and libraries that read it. */
export class LibraryWorld {
  readonly folder: string
  /** What the log warned of. */
  readonly warned: Record<string, unknown>[] = []
  readonly scanned: Record<string, unknown>[] = []
  facts: TitleFacts | undefined
  readonly #open: Library[] = []

  private constructor(folder: string) {
    this.folder = folder
  }

  static async make(): Promise<LibraryWorld> {
    return new LibraryWorld(await mkdtemp(join(tmpdir(), 'playlink-library-')))
  }

  async put(...paths: readonly string[]): Promise<void> {
    for (const path of paths) await this.write(path, 'ten bytes.')
  }

  async write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.folder, path)), { recursive: true })
    await writeFile(join(this.folder, path), text)
  }

  open(options: Partial<LibraryDeps> = {}): Library {
    const warn = (facts: Record<string, unknown>, text: string) =>
      void this.warned.push({ ...facts, text })
    const info = (facts: Record<string, unknown>) => void this.scanned.push(facts)
    const library = openLibrary({
      folders: [this.folder],
      factsOf: async () => this.facts,
      parser: nearParser,
      clock: handClock(),
      log: { ...silent, warn, info, debug: () => {} } as unknown as Log,
      ...options,
    })
    this.#open.push(library)
    return library
  }

  /** Names below the folder of what a library lists for a title. */
  async listed(title: Title, library: Library = this.open()): Promise<string[]> {
    const found = await library.find(title, never)
    return found.map(({ locator }) => {
      return locator.kind === 'path' ? locator.path.slice(this.folder.length + 1) : locator.kind
    })
  }

  async end(): Promise<void> {
    await Promise.all(this.#open.map((library) => library.close()))
    await rm(this.folder, { recursive: true })
  }
}
