import { fileURLToPath } from 'node:url'

/** Absolute path of a file or folder in demo/videos. */
export const videoPath = (name: string): string =>
  fileURLToPath(new URL(`./videos/${name}`, import.meta.url))

/** Ids that no IMDb title has: theirs are padded to seven digits and begin at 1. */
const FILM_ID = 'tt00000001'
const SERIES_ID = 'tt00000000'

/** The one video that is no torrent: the demo's own web server has it. */
export const DIRECT_VIDEO = 'Playlink.Demo.Film.Direct.360p.mp4'

/** What is seeded, each a torrent of its own: files and a folder of demo/videos. */
export const TORRENTS = [
  'Playlink.Demo.Film.360p.mp4',
  'Playlink.Demo.Film.240p.mp4',
  'Playlink.Demo.Series.S01.360p',
] as const

export type TorrentName = (typeof TORRENTS)[number]

/** What the demo has to play, in the order of the numbers that the server gives. */
export const PLAYS = [
  {
    name: 'Orbit',
    kind: 'a film from three sources',
    plays: [
      { label: 'magnet, 360p', path: `/play/movie/${FILM_ID}/0` },
      { label: 'magnet, 240p', path: `/play/movie/${FILM_ID}/1` },
      { label: 'plain link', path: `/play/movie/${FILM_ID}/2` },
    ],
  },
  {
    name: 'Rising',
    kind: 'a series, both episodes in one torrent',
    plays: [
      { label: 'episode 1', path: `/play/series/${SERIES_ID}/0/1/1` },
      { label: 'episode 2', path: `/play/series/${SERIES_ID}/0/1/2` },
    ],
  },
] as const

/** The local catalogue (version 1) of the demo, as it stands in its file. */
export function demoCatalogue(magnets: ReadonlyMap<TorrentName, string>, directUrl: string) {
  const film = (name: TorrentName) => ({ magnet: magnets.get(name) ?? '', filename: name })
  const licence = 'CC0-1.0'
  return {
    version: 1,
    titles: [
      {
        id: FILM_ID,
        type: 'movie',
        name: 'Orbit',
        year: 2025,
        licence,
        sources: [
          { ...film(TORRENTS[0]), label: 'Orbit, from the swarm', quality: '360p' },
          { ...film(TORRENTS[1]), label: 'Orbit, from the swarm', quality: '240p' },
          { url: directUrl, label: 'Orbit, a plain link', quality: '360p', filename: DIRECT_VIDEO },
        ],
      },
      {
        id: SERIES_ID,
        type: 'series',
        name: 'Rising',
        licence,
        packs: [
          {
            magnet: magnets.get(TORRENTS[2]) ?? '',
            seasons: [1],
            label: 'Rising',
            quality: '360p',
          },
        ],
      },
    ],
  }
}
