import { link, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as tick } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Title } from '../../../../common/title.ts'
import { scanFolder } from '../../../../sources/providers/library/scan-folder.ts'
import { sourceKey } from '../../../../sources/source-key.ts'
import { eventually } from '../../../support/wait.ts'
import { never } from '../../fakes.ts'
import { LibraryWorld } from './library-world.ts'

let world: LibraryWorld
beforeEach(async () => {
  world = await LibraryWorld.make()
  world.facts = { name: 'The Thing', year: 1982 }
})
afterEach(() => world.end())

const FILM: Title = { type: 'movie', imdbId: 'tt0084787' }
const PATH = 'The Thing (1982)/The Thing.mkv'
/** When nothing is so fresh that it may change again unseen. */
const LONG_AFTER = Number.MAX_SAFE_INTEGER
const scan = (known = new Map(), changed?: ReadonlySet<string>) =>
  scanFolder(world.folder, { known, changed, now: LONG_AFTER, signal: never })

describe('what is listed', () => {
  test('has a name, a size, the height that its folder tells, and a key without the way to it', async () => {
    await world.write('x/The Thing (1982) [1080p]/The Thing.mkv', 'twelve bytes')
    const [source] = await world.open().find(FILM, never)
    expect(source).toMatchObject({
      provider: 'library',
      filename: 'The Thing.mkv',
      quality: '1080p',
      size: 12,
      selector: {},
    })
    const name = world.folder.split('/').at(-1)
    expect(source?.identity).toBe(`library:${name}/x/The Thing (1982) [1080p]/The Thing.mkv`)
    expect(source && sourceKey(source)).toMatch(/^[a-z2-7]{10}$/)
  })

  test('a height of its own name is not said twice', async () => {
    await world.put('The Thing (1982) [1080p]/The.Thing.1982.720p.mkv')
    const [source] = await world.open().find(FILM, never)
    expect(source).not.toHaveProperty('quality')
  })

  test('folders of the same name are told apart by their place', async () => {
    await world.put(`a/films/${PATH}`, `b/films/${PATH}`)
    const folders = ['a/films', 'b/films'].map((path) => join(world.folder, path))
    const found = await world.open({ folders }).find(FILM, never)
    expect(found.map(({ identity }) => identity)).toEqual([
      `library:films/${PATH}`,
      `library:films 2/${PATH}`,
    ])
  })

  test('a file that has gone, or is empty, is not listed; one that grew has its new size', async () => {
    await world.put(PATH, 'The.Thing.1982.mkv', 'The.Thing.1982.720p.mkv')
    const library = world.open()
    expect(await library.find(FILM, never)).toHaveLength(3)
    await rm(join(world.folder, PATH))
    await writeFile(join(world.folder, 'The.Thing.1982.720p.mkv'), '')
    await writeFile(join(world.folder, 'The.Thing.1982.mkv'), 'some more')
    expect(await library.find(FILM, never)).toEqual([expect.objectContaining({ size: 9 })])
  })
})

describe('links', () => {
  test('only those that stay inside of the folder are followed, and none to folders', async () => {
    const inside = join(world.folder, 'in')
    await world.put(`in/${PATH}`, 'out/The.Thing.1982.mkv', 'out/deep/The.Thing.1982.720p.mkv')
    await symlink('./The Thing.mkv', join(inside, 'The Thing (1982)/The Thing (1982) linked.mkv'))
    await symlink('../out/The.Thing.1982.mkv', join(inside, 'The.Thing.1982.1080p.mkv'))
    await symlink('/dev/zero', join(inside, 'The.Thing.1982.2160p.mkv'))
    await symlink('nowhere', join(inside, 'The.Thing.1982.480p.mkv'))
    await symlink('../out/deep', join(inside, 'deep'))
    await symlink('.', join(inside, 'again'))
    const listed = await world.listed(FILM, world.open({ folders: [inside] }))
    expect(listed).toEqual([`in/${PATH}`])
  })

  test('a folder that is replaced by a link is not followed when its file is asked for', async () => {
    await world.put(`in/${PATH}`, `out/${PATH}`)
    const inside = join(world.folder, 'in')
    const library = world.open({ folders: [inside] })
    expect(await library.find(FILM, never)).toHaveLength(1)
    await rm(join(inside, 'The Thing (1982)'), { recursive: true })
    await symlink(join(world.folder, 'out/The Thing (1982)'), join(inside, 'The Thing (1982)'))
    expect(await library.find(FILM, never)).toEqual([])
  })

  test('a hard link is a file, and the folder itself may be a link', async () => {
    await world.put('out/a.mkv')
    await mkdir(join(world.folder, 'in'))
    await link(join(world.folder, 'out/a.mkv'), join(world.folder, 'in/The Thing (1982).mkv'))
    await symlink('in', join(world.folder, 'link'))
    const library = world.open({ folders: [join(world.folder, 'link')] })
    expect(await world.listed(FILM, library)).toEqual(['in/The Thing (1982).mkv'])
  })
})

describe('a scan', () => {
  test('looks into what changed, and into nothing else again', async () => {
    await world.put('a/1.mkv', 'b/2.mkv', 'b/c/3.mkv')
    const first = await scan()
    expect(first.videos).toBe(3)
    await world.put('b/4.mkv')
    const second = await scan(new Map(first.folders))
    expect(second.videos).toBe(4)
    expect(second.folders.get('a')).toBe(first.folders.get('a'))
    expect(second.folders.get('b/c')).toBe(first.folders.get('b/c'))
    await world.put('a/5.mkv', 'b/6.mkv')
    const third = await scan(new Map(second.folders), new Set(['b']))
    expect(third.folders.get('a')).toBe(first.folders.get('a'))
    expect(third.videos).toBe(5)
    await rm(join(world.folder, 'b'), { recursive: true })
    expect([...(await scan(new Map(third.folders))).folders.keys()]).toEqual(['', 'a'])
  })

  test('what changed just now is looked at again', async () => {
    await world.put('a/1.mkv')
    const options = { known: new Map(), now: 0, signal: never }
    const first = await scanFolder(world.folder, options)
    const second = await scanFolder(world.folder, { ...options, known: new Map(first.folders) })
    expect(second.folders.get('a')).not.toBe(first.folders.get('a'))
  })

  test('goes ten folders deep, and says that there is more', async () => {
    const deep = Array.from({ length: 10 }, (_, at) => `${at}`).join('/')
    await world.put(`${deep}/in.mkv`)
    expect(await scan()).toMatchObject({ videos: 1, isCut: false })
    await world.put(`${deep}/more/out.mkv`)
    expect(await scan()).toMatchObject({ videos: 1, isCut: true })
  })

  test('lets others have their turns between folders', async () => {
    await world.put(...Array.from({ length: 60 }, (_, at) => `${at}/Film ${at}.mkv`))
    let turns = 0
    let done = false
    const counting = (async () => {
      for (; !done; turns++) await tick()
    })()
    expect(await scan()).toMatchObject({ videos: 60 })
    done = true
    await counting
    expect(turns).toBeGreaterThan(60)
  })

  test('ends when it is told to', async () => {
    await world.put(PATH)
    const options = { known: new Map(), now: 0, signal: AbortSignal.abort(new Error('closed')) }
    await expect(scanFolder(world.folder, options)).rejects.toThrow('closed')
  })

  test('a folder that is not there is told once with what to do, and taken up when it comes', async () => {
    const folder = join(world.folder, 'later')
    const library = world.open({ folders: [folder], rescanMs: 20 })
    expect(await library.find(FILM, never)).toEqual([])
    await world.put(`other/${PATH}`)
    await rename(join(world.folder, 'other'), folder)
    await eventually('it is listed', async () => (await library.find(FILM, never)).length === 1)
    expect(world.warned).toEqual([
      { folder, code: 'ENOENT', text: expect.stringMatching(/mount it, or correct LIBRARY/) },
    ])
    expect(world.scanned).toMatchObject([{ folder, videos: 1 }])
  })
})

describe('facts of a title', () => {
  test('when they do not come nothing follows, but what an id says, or what was right before', async () => {
    await world.put(PATH)
    let fails = true
    const factsOf = async () => {
      if (fails) throw new Error('no answer')
      return world.facts
    }
    const library = world.open({ factsOf, rescanMs: 20 })
    await expect(library.find(FILM, never)).rejects.toThrow('no answer')
    fails = false
    expect(await library.find(FILM, never)).toHaveLength(1)
    fails = true
    expect(await library.find(FILM, never)).toHaveLength(1)
    await world.put('Das Ding [tt0084787].mkv')
    await eventually('a new file', async () => (await library.find(FILM, never)).length === 2)
    const other = world.open({ factsOf })
    expect(await world.listed(FILM, other)).toEqual(['Das Ding [tt0084787].mkv'])
  })

  test('a title that nobody knows has what an id says', async () => {
    world.facts = undefined
    await world.put(PATH, 'x {imdb-tt0084787}/a.mkv')
    expect(await world.listed(FILM)).toEqual(['x {imdb-tt0084787}/a.mkv'])
  })

  test('are judged anew when they change, and names once for the same', async () => {
    await world.put(PATH)
    const library = world.open()
    expect(await library.find(FILM, never)).toHaveLength(1)
    world.facts = { name: 'The Thing', year: 2011 }
    expect(await library.find(FILM, never)).toEqual([])
  })
})

describe('what changes', () => {
  test('is taken up without a scan of all: new files and folders, names, notes, removals', async () => {
    await world.put('other/x.mkv')
    const library = world.open({ debounceMs: 10, rescanMs: 3_600_000 })
    const lists = (...paths: string[]) =>
      eventually(`${paths}`, async () => {
        const listed = await world.listed(FILM, library)
        return listed.join() === paths.join()
      })
    await lists()
    await world.put(PATH)
    await lists(PATH)
    await rename(join(world.folder, 'other'), join(world.folder, 'The Thing (1982) b'))
    await rename(
      join(world.folder, 'The Thing (1982) b/x.mkv'),
      join(world.folder, 'The Thing (1982) b/movie.mkv'),
    )
    await lists(PATH, 'The Thing (1982) b/movie.mkv')
    await rm(join(world.folder, 'The Thing (1982)'), { recursive: true })
    await lists('The Thing (1982) b/movie.mkv')
    await world.write('The Thing (1982) b/movie.nfo', '<imdbid>tt0905372</imdbid>')
    await lists()
    await world.write('The Thing (1982) b/movie.nfo', '<imdbid>tt0084787</imdbid>')
    await lists('The Thing (1982) b/movie.mkv')
  })

  test('is found by the next scan where nothing tells of it', async () => {
    const library = world.open({ debounceMs: 3_600_000, rescanMs: 30 })
    await world.put(PATH)
    await eventually('it is listed', async () => (await library.find(FILM, never)).length === 1)
  })
})
