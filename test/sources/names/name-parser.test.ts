import { afterEach, describe, expect, test } from '@jest/globals'
import { pino } from 'pino'
import { systemClock } from '../../../common/clock.ts'
import { Owners } from '../../../common/permits/owners.ts'
import { type NameParserOptions, WorkerNameParser } from '../../../sources/names/name-parser.ts'
import { NO_NAME } from '../../../sources/names/parsed-name.ts'
import {
  HOSTILE_FILES,
  HOSTILE_RELEASES,
  ODD_NAMES,
  slowNames,
} from '../../support/hostile-names.ts'
import { nearParser } from '../../support/names.ts'
import { eventually } from '../../support/wait.ts'
import { handClock } from '../fakes.ts'

const parsers: WorkerNameParser[] = []
afterEach(async () => {
  await Promise.all(parsers.splice(0).map((parser) => parser.close()))
})

function started(options: Partial<NameParserOptions> = {}) {
  const lines: { msg: string; begins?: string; names?: number }[] = []
  const log = pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line)) })
  const parser = new WorkerNameParser({ clock: systemClock, log, waitMs: 600_000, ...options })
  parsers.push(parser)
  return { parser, lines, told: () => lines.filter(({ msg }) => msg.includes('too long')).length }
}
const ownedBy = (address: string): Owners => {
  const owners = new Owners()
  owners.add(address)
  return owners
}
const program = (name: string) => new URL(`../../support/name-workers/${name}.ts`, import.meta.url)
const RELEASE = 'Some.Film.2010.1080p.WEB-DL.x264-GROUP.mkv'
const EPISODE = 'Some Show/Some.Show.S01E07.720p.mkv'

test('says what the parsers say, in the order of the names', async () => {
  const { parser } = started()
  const names = [RELEASE, 'Show.S01E02', '', 'Show S01E01-E03 (2010)', RELEASE]
  expect(await parser.releases(names)).toEqual(await nearParser.releases(names))
  const paths = [EPISODE, 'Show - 03.mkv', 'Season 2/04 - Title.mkv', 'x.mkv']
  expect(await parser.marks(paths, 'Show S02')).toEqual(await nearParser.marks(paths, 'Show S02'))
  expect(await parser.releases([])).toEqual([])
})

test('a large pack and a long list are read, and the main thread does little of it', async () => {
  const { parser } = started()
  await parser.releases([RELEASE])
  const paths = (round: number): readonly string[] =>
    Array.from({ length: 2000 }, (_, n) => `Show/Show - ${n} [720p][${round}].mkv`)
  // Many short pieces of work: others have their turn in between.
  let turns = 0
  const count = (): void => {
    turns++
    next = setImmediate(count)
  }
  let next = setImmediate(count)
  await parser.marks(paths(9), 'Show')
  clearImmediate(next)
  expect(turns).toBeGreaterThan(10)
  // Where others want the processor, waiting for it counts as work: the least of some rounds is what it is.
  let least = 1
  for (let round = 0; round < 5 && least >= 0.7; round++) {
    const before = performance.eventLoopUtilization()
    expect((await parser.marks(paths(round), 'Show'))[7]?.episodes).toEqual([7])
    least = Math.min(least, performance.eventLoopUtilization(before).utilization)
  }
  expect(least).toBeLessThan(0.7)
})

describe('a hostile name', () => {
  test.each(Object.entries(HOSTILE_RELEASES))(
    'of a release, %s: it says nothing, and costs no other its name',
    async (_, name) => {
      const { parser, told } = started()
      const names = [name, RELEASE, 'Other.Film.2001.mkv']
      const releases = await parser.releases(names)
      expect(releases[0]).toEqual(NO_NAME)
      expect(releases.slice(1)).toEqual(await nearParser.releases(names.slice(1)))
      // Remembered: no new deadline, nothing is told again.
      expect(await parser.releases(names)).toEqual(releases)
      expect(told()).toBe(1)
    },
  )

  test.each(Object.entries(HOSTILE_FILES))(
    'of a file in a pack is read as any: %s',
    async (_, name) => {
      const { parser, told } = started()
      const paths = [`Some Show/${name}.mkv`, EPISODE]
      const marks = await parser.marks(paths, name)
      expect(marks[0]).toBeDefined()
      expect(marks[1]?.episodes).toEqual([7])
      expect(told()).toBe(0)
    },
  )

  test.each(Object.entries(ODD_NAMES))('that only looks so, %s: is read', async (_, name) => {
    const { parser, told } = started()
    await parser.marks([`${name}.mkv`, EPISODE])
    await parser.releases([name])
    expect(told()).toBe(0)
  })

  test('does not hold the main thread', async () => {
    const { parser } = started()
    await parser.releases([RELEASE])
    const before = performance.eventLoopUtilization()
    let ticks = 0
    const timer = setInterval(() => ticks++, 5)
    await parser.releases(Object.values(HOSTILE_RELEASES).slice(0, 2))
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(20)
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5)
  })

  test('is told without its whole text, and without marks that hide text', async () => {
    const { parser, lines } = started()
    await parser.releases([`\u202e${HOSTILE_RELEASES.ampersands}`])
    const [line] = lines
    expect(line?.begins?.length).toBeLessThanOrEqual(40)
    expect(JSON.stringify(line)).not.toContain('\u202e')
  })

  test('keeps others waiting for one deadline, however many there are', async () => {
    const { parser, lines, told } = started({ budgetMs: 1000, nameMs: 120 })
    await parser.releases([RELEASE])
    const many = Array.from({ length: 100 }, (_, n) => `${HOSTILE_RELEASES.ampersands}${n}`)
    const order: string[] = []
    const slow = parser.releases(many).then((found) => {
      order.push('slow')
      return found
    })
    const quick = parser.releases(['Other.Film.2001.mkv']).then(([found]) => {
      order.push('quick')
      return found?.title
    })
    expect(await quick).toBe('Other Film')
    expect(await slow).toEqual(many.map(() => NO_NAME))
    expect(order).toEqual(['quick', 'slow'])
    // The time of one call was over before most of them had theirs; they are not tried again soon.
    const before = told()
    expect(lines.find(({ names }) => names !== undefined)?.names).toBeGreaterThan(50)
    expect(await parser.releases(many)).toEqual(many.map(() => NO_NAME))
    expect(told()).toBe(before)
  })

  test('keeps those of another address waiting for one deadline, however many lists ask', async () => {
    const { parser, told } = started({ nameMs: 120 })
    await parser.releases([RELEASE])
    const hostile = ownedBy('192.0.2.66')
    const honest = ownedBy('192.0.2.1')
    const lists = Array.from({ length: 12 }, (_, n) =>
      parser.releases([`${HOSTILE_RELEASES.ampersands}${n}`], hostile),
    )
    for (const name of ['First.Film.2001', 'Second.Film.2002', 'Third.Film.2003']) {
      const before = told()
      await parser.releases([name], honest)
      expect(told() - before).toBeLessThanOrEqual(1)
    }
    await parser.close()
    await Promise.all(lists)
  })

  test('in its hundreds, each a little slow, costs a short time, and once', async () => {
    const { parser, lines } = started({ budgetMs: 1 })
    const first = await parser.releases(slowNames(500))
    expect(lines.find(({ names }) => names !== undefined)?.names).toBeGreaterThan(250)
    const before = lines.length
    expect(await parser.releases(slowNames(500))).toEqual(first)
    expect(lines.length).toBe(before)
  })

  test('that two ask for at once has one deadline', async () => {
    const { parser, told } = started()
    const name = HOSTILE_RELEASES.slashes ?? ''
    await Promise.all([parser.releases([name]), parser.releases([RELEASE, name])])
    expect(told()).toBe(1)
  })

  test('that is long is cut before it is read or kept', async () => {
    const { parser } = started()
    const long = `${RELEASE} ${'x'.repeat(1_000_000)}`
    const [found] = await parser.releases([long])
    expect(found).toMatchObject({ title: 'Some Film', year: 2010 })
    const [marks] = await parser.marks([`${'folder/'.repeat(100_000)}Show.S01E07.mkv`], long)
    expect(marks?.episodes).toEqual([7])
  })
})

describe('a worker that', () => {
  test('dies of memory costs the name it was at', async () => {
    const { parser, told } = started({ entry: program('hungry'), nameMs: 60_000 })
    const found = await parser.releases(['a', 'hungry', 'b'])
    expect(found.map(({ tokens }) => tokens)).toEqual(['a', '', 'b'])
    expect(told()).toBe(1)
  })

  test('cannot start is tried again later, each time after twice as long', async () => {
    const clock = handClock()
    const { parser, lines } = started({ entry: program('broken'), clock })
    expect(await parser.releases([RELEASE])).toEqual([NO_NAME])
    for (const seconds of [1, 2, 4]) {
      expect(lines.splice(0)).toEqual([expect.objectContaining({ seconds })])
      // Nobody waits for it meanwhile.
      expect(await parser.releases([RELEASE])).toEqual([NO_NAME])
      expect(await parser.marks([EPISODE])).toEqual([undefined])
      expect(lines).toEqual([])
      clock.now += seconds * 1000
      expect(await parser.releases([RELEASE])).toEqual([NO_NAME])
    }
  })

  test.each(['text', 'other', 'none', 'nothing'])(
    'answers with what is no answer (%s) is ended',
    async (lie) => {
      const { parser, lines } = started({ entry: program('lying'), clock: handClock() })
      expect(await parser.releases([lie])).toEqual([NO_NAME])
      expect(lines).toEqual([expect.objectContaining({ seconds: 1 })])
    },
  )

  test.each(['shape', 'more'])('answers with another shape (%s) has not read it', async (lie) => {
    const { parser } = started({ entry: program('lying') })
    expect(await parser.releases([lie])).toEqual([NO_NAME])
    expect(await parser.marks([lie])).toEqual([undefined])
  })

  test('is closed ends what waits, and reads nothing more', async () => {
    const { parser, lines } = started()
    const waiting = parser.releases([HOSTILE_RELEASES.ampersands ?? '', RELEASE])
    const others = parser.marks([EPISODE])
    await parser.close()
    expect(await waiting).toEqual([NO_NAME, NO_NAME])
    expect(await others).toEqual([undefined])
    expect(await parser.releases([RELEASE])).toEqual([NO_NAME])
    expect(lines).toEqual([])
  })
})

test('more names than may wait are not read, and not remembered as slow', async () => {
  const { parser } = started()
  const many = Array.from({ length: 20_001 }, (_, n) => `Film.${n}.2010.mkv`)
  expect((await parser.releases(many))[5]).toEqual(NO_NAME)
  await eventually(
    'it is read',
    async () => (await parser.releases(['Film.5.2010.mkv']))[0]?.year === 2010,
  )
})

describe('when many hostile names are asked for at once', () => {
  const HOSTILE = Object.values(HOSTILE_RELEASES)[0] ?? ''
  const floodOf = (parser: WorkerNameParser, lists: number) =>
    Array.from({ length: lists }, (_, n) =>
      parser.releases(Array.from({ length: 20 }, (_, i) => `${HOSTILE}${n} ${i}`)),
    )

  test('who comes after them does not wait for them', async () => {
    const { parser } = started()
    await parser.releases([RELEASE])
    const ended: string[] = []
    const flood = floodOf(parser, 30).map((one) => one.then(() => ended.push('hostile')))
    const honest = parser.releases(['Other.Film.2001.mkv']).then(([release]) => {
      ended.push(release?.title ?? '')
    })
    await honest
    expect(ended).toEqual(['Other Film'])
    await parser.close()
    await Promise.all(flood)
  })

  test('nobody waits for ever, and nothing of them stays in line', async () => {
    const { parser } = started({ waitMs: 50, budgetMs: 600_000, nameMs: 600_000 })
    const flood = await Promise.all(floodOf(parser, 30))
    expect(flood.flat().every((release) => release === NO_NAME)).toBe(true)
  })
})
