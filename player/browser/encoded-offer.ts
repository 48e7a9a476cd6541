import { Fault } from '../../common/errors.ts'
import type { Strength } from '../../media/ffmpeg/encoder.ts'
import type { Film, VideoTrack } from '../../media/film/film.ts'
import { ENCODED, sizeWithin } from '../../media/film/rungs.ts'
import { type OfferedPictures, picturesForAll } from '../../media/playlists/master-playlist.ts'
import type { FilmPart } from './film-parts.ts'

/** What this server encodes pictures to; a Fault says why none, undefined that none is to be. */
type CanEncode = Strength | Fault | undefined

const rungOf = (strength: CanEncode) =>
  strength instanceof Fault || !strength ? undefined : strength.rung

/** @throws Fault MEDIA_UNREADABLE, NO_CONVERTER no browser plays the picture, and nothing encodes it */
export function expectPicture({ isCopied }: VideoTrack, strength: CanEncode): void {
  if (!isCopied) expectEncoder(strength)
}

function expectEncoder(strength: CanEncode): Strength {
  if (strength instanceof Fault) throw strength
  if (strength) return strength
  throw new Fault('MEDIA_UNREADABLE', {
    message:
      'The picture of this file is of a kind that no browser plays, and this server encodes none (BROWSER=video). Open it in another player.',
  })
}

/**
 * @param picture what a browser has said to take; undefined: it has not
 * @throws Fault NOT_FOUND, MEDIA_UNREADABLE, NO_CONVERTER it is not to be had
 */
export function offeredPictures(
  film: Film,
  picture: 'copied' | 'encoded' | undefined,
  strength: CanEncode,
): OfferedPictures {
  if (picture === undefined) return picturesForAll(film, rungOf(strength))
  if (picture === 'encoded') return { isCopied: false, rung: expectEncoder(strength).rung }
  if (!film.video.isCopied) throw new Fault('NOT_FOUND')
  return { isCopied: true, rung: undefined }
}

/** For the page: what the picture can be encoded to, or why it cannot. */
export function encodedFacts(video: VideoTrack, strength: CanEncode) {
  const rung = rungOf(strength)
  return {
    encoded: rung === undefined ? null : { codec: ENCODED, ...sizeWithin(video, rung) },
    whyNotEncoded: strength instanceof Fault ? strength.message : null,
  }
}

/** What a part depends on beside the file: the setting, and what this machine encodes. */
export function stampOf(part: FilmPart, browser: string, strength: CanEncode): string {
  const stamp = strength instanceof Fault ? strength.code : (strength?.stamp ?? '')
  if (part.kind === 'film' || part.kind === 'master') {
    return `${browser} ${rungOf(strength)} ${stamp}`
  }
  return 'rung' in part && part.rung ? stamp : ''
}
