import { at } from './dom.js'

/**
 * Links that open the film in another player. Phones have apps for `vlc:`; on a desk a playlist is what VLC, mpv and others
 * are opened with.
 */
export function offerPlayers(url, name = '') {
  const isPhone = /Android|iPhone|iPad/.test(navigator.userAgent)
  at('vlc').href = `vlc://${url}`
  at('vlc').hidden = !isPhone
  // A line each (RFC 8216 4.1): a name with a line end in it would be an address.
  const title = name.replace(/\p{Cc}/gu, ' ')
  const playlist = `#EXTM3U\n#EXTINF:-1,${title}\n${url}\n`
  at('players').href = `data:audio/x-mpegurl;charset=utf-8,${encodeURIComponent(playlist)}`
  at('players').download = `${title || 'film'}.m3u`
  at('players').hidden = isPhone
}
