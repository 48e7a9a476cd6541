import { Worker } from 'node:worker_threads'
import { ValidationError } from '../../../common/bittorrent/validation-error.ts'
import { moduleBeside } from '../../../common/host/module-beside.ts'
import { type DeclaredTitle, type ParsedCatalogue, parseCatalogue } from './catalogue-format.ts'

/** What the worker hands over at once; the last part has the problems. */
interface Part {
  readonly titles: readonly DeclaredTitle[]
  readonly problems?: ParsedCatalogue['problems']
}

export interface CatalogueParserOptions {
  /** Characters of a text that is read at once: a worker would take longer to load. */
  readonly inlineChars?: number
  /** How long reading one text may take, milliseconds. */
  readonly mostMs?: number
  /** Mebibytes that reading one text may take. */
  readonly mostMemory?: number
}

const INLINE_CHARS = 16_384
const MOST_MS = 120_000
const MOST_MEMORY = 512

/**
 * Reads catalogues' texts. A large one is read in a worker, one after the other: the parser takes
 * seconds for 5 MiB, and of hostile ones gigabytes, which must end neither plays nor the process.
 */
export class CatalogueParser {
  readonly #options: Required<CatalogueParserOptions>
  #last: Promise<unknown> = Promise.resolve()
  #worker: Worker | undefined
  #closed = false

  constructor(options: CatalogueParserOptions = {}) {
    const { inlineChars = INLINE_CHARS, mostMs = MOST_MS, mostMemory = MOST_MEMORY } = options
    this.#options = { inlineChars, mostMs, mostMemory }
  }

  /** @throws ValidationError when reading it takes too long or too much memory, or at close() */
  parse(text: string): Promise<ParsedCatalogue> {
    const parsed = this.#last.then(() => {
      const isSmall = text.length <= this.#options.inlineChars
      return isSmall ? parseCatalogue(text) : this.#inWorker(text)
    })
    this.#last = parsed.catch(() => undefined)
    return parsed
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#worker?.terminate()
    await this.#last
  }

  async #inWorker(text: string): Promise<ParsedCatalogue> {
    if (this.#closed) throw new ValidationError('is not read any more')
    const worker = new Worker(moduleBeside('./catalogue-worker', import.meta.url), {
      name: 'catalogue',
      workerData: text,
      resourceLimits: { maxOldGenerationSizeMb: this.#options.mostMemory },
      // No settings, so no secrets.
      env: {},
    })
    this.#worker = worker
    const timer = setTimeout(() => void worker.terminate(), this.#options.mostMs)
    try {
      return await partsOf(worker)
    } finally {
      clearTimeout(timer)
      this.#worker = undefined
      await worker.terminate()
    }
  }
}

/** All that the worker hands over. @throws ValidationError when it ends before */
function partsOf(worker: Worker): Promise<ParsedCatalogue> {
  const titles: DeclaredTitle[] = []
  return new Promise((resolve, reject) => {
    const failed = (): void => reject(new ValidationError('takes too long or too much to be read'))
    worker.on('message', (part: Part) => {
      for (const title of part.titles) titles.push(title)
      if (part.problems) resolve({ titles, problems: part.problems })
      else worker.postMessage('more')
    })
    // Out of memory; ended by its time; a fault of ours.
    worker.on('error', failed)
    worker.on('messageerror', failed)
    worker.on('exit', failed)
  })
}
