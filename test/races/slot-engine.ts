import { setImmediate as tick } from 'node:timers/promises'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import { pieceSize } from '../../common/bittorrent/piece-layout.ts'
import { SlotStore } from '../../torrent/engine/storage/slot-store.ts'
import type { ReaderPlace } from '../../torrent/protocol/messages.ts'
import type { SlotPort, SupervisedSlotFile } from '../../torrent/supervisor/supervised-slot-file.ts'
import type { SeededRandom } from '../common/seeded-random.ts'

type Word = () => void

/** The engine's side of slots without peers: its messages are late, and it may die. */
export interface SlotEngine {
  readonly port: SlotPort
  readonly deaths: number
  readonly fetched: number
  /** Opens the store; the file exists from now on. */
  start(file: SupervisedSlotFile, path: string): void
  /** Some messages arrive, some pieces come and are written and reported; sometimes the engine dies. */
  step(): Promise<void>
  end(): Promise<void>
}

export function createSlotEngine(
  random: SeededRandom,
  layout: PieceLayout,
  torrent: Buffer,
): SlotEngine {
  let file: SupervisedSlotFile | undefined
  let path = ''
  let store: SlotStore | undefined
  let opened = false
  let toEngine: Word[] = []
  let toMain: Word[] = []
  let writing: Promise<unknown>[] = []
  let places: readonly ReaderPlace[] = []
  let deaths = 0
  let fetched = 0
  const says = (word: Word): void => void toEngine.push(word)

  function open(): void {
    if (!file) return
    const { map } = file
    const next = new SlotStore(1, { path, layout, generation: map.generation, assigned: map.all() })
    store = next
    opened = false
    void next.open().then(() => {
      if (store !== next) return
      opened = true
      toMain.push(() => file?.resumed())
    })
  }

  function fetchOne(): void {
    const now = store
    if (!now || !opened || places.length === 0) return
    const { at, end } = random.pick([places[0] as ReaderPlace, ...places])
    const [from, to] = [at, end].map((b) => Math.floor((layout.offset + b) / layout.pieceLength))
    const lacking: number[] = []
    for (let p = from ?? 0; p <= (to ?? -1); p++) if (now.lacks(p)) lacking.push(p)
    const piece = lacking[random.below(lacking.length || 1)]
    if (piece === undefined) return
    fetched++
    const start = piece * layout.pieceLength
    const bytes = torrent.subarray(start, start + pieceSize(layout, piece))
    const write = now.write(piece, bytes).then(() => {
      if (store !== now || !now.has(piece)) return
      // Reported in a later tick, as verified-news does, and under way for a while.
      setImmediate(() => {
        if (store !== now || !now.has(piece)) return
        const { generation: asOf } = now
        toMain.push(() => file?.verified([piece], asOf))
      })
    })
    writing.push(write)
  }

  /** Written pieces stay, messages under way are lost; the next engine is told the slots. */
  async function die(): Promise<void> {
    const dead = store
    store = undefined
    toMain = []
    await Promise.all(writing)
    await dead?.close()
    deaths++
    writing = []
    toEngine = []
    places = []
    open()
  }

  const deliver = (words: Word[]): void => {
    for (let n = random.below(3); n > 0; n--) words.shift()?.()
  }

  return {
    port: {
      readers: (readers) =>
        says(() => {
          if (opened) places = readers
        }),
      slots: (changes) => says(() => store?.change(changes)),
      gone: () => {},
    },
    get deaths() {
      return deaths
    },
    get fetched() {
      return fetched
    },
    start(with_, at) {
      file = with_
      path = at
      open()
    },
    async step() {
      if (store) deliver(toEngine)
      for (let n = random.below(3); n > 0; n--) fetchOne()
      deliver(toMain)
      if (random.below(150) === 0) await die()
      await tick()
    },
    async end() {
      await Promise.all(writing)
      await store?.close()
    },
  }
}
