import type { FilmReasons } from './words.ts'

export const de: FilmReasons = {
  'The index of this file is too long.': 'Der Index dieser Datei ist zu lang.',
  'The key frames of this file lie too far apart for a browser.':
    'Die Schlüsselbilder dieser Datei liegen für einen Browser zu weit auseinander.',
  'The picture of this file could not be read.':
    'Das Bild dieser Datei konnte nicht gelesen werden.',
  'The picture of this file is of a kind that no browser plays. Open it in another player.':
    'Das Bild dieser Datei hat ein Format, das kein Browser abspielt. Öffnen Sie sie in einem anderen Player.',
  'The sound of this file is of a kind that cannot be converted.':
    'Der Ton dieser Datei hat ein Format, das nicht umgewandelt werden kann.',
  'This file does not say how long it is. Open it in another player.':
    'Diese Datei sagt nicht, wie lang sie ist. Öffnen Sie sie in einem anderen Player.',
  'This file has no index, and is too large to make one. Open it in another player.':
    'Diese Datei hat keinen Index und ist zu groß, um einen anzulegen. Öffnen Sie sie in einem anderen Player.',
  'This file has no index, and nothing in it tells where its pictures lie. Open it in another player.':
    'Diese Datei hat keinen Index, und nichts in ihr sagt, wo ihre Bilder liegen. Öffnen Sie sie in einem anderen Player.',
  'This file has no picture.': 'Diese Datei hat kein Bild.',
  'This file is neither MKV, WebM, MP4, AVI nor TS, and only those are made ready for browsers. Open it in another player.':
    'Diese Datei ist weder MKV, WebM, MP4, AVI noch TS, und nur diese werden für Browser vorbereitet. Öffnen Sie sie in einem anderen Player.',
  'The picture of this file is of a kind that no browser plays, and this server encodes none (BROWSER=video). Open it in another player.':
    'Das Bild dieser Datei hat ein Format, das kein Browser abspielt, und dieser Server wandelt keines um (BROWSER=video). Öffnen Sie sie in einem anderen Player.',
  'This source is a link to another server, which this one cannot make ready for a browser. Open the link itself.':
    'Diese Quelle ist ein Link zu einem anderen Server, den dieser nicht für einen Browser vorbereiten kann. Öffnen Sie den Link selbst.',
  'The picture of this film has to be encoded for a browser, and this server has no ffmpeg.':
    'Das Bild dieses Films muss für einen Browser umgewandelt werden, und dieser Server hat kein ffmpeg.',
  'The picture of this film has to be encoded for a browser, and the ffmpeg of this server cannot: it needs version 5.1 or later, with libx264.':
    'Das Bild dieses Films muss für einen Browser umgewandelt werden, und das ffmpeg dieses Servers kann es nicht: Nötig ist Version 5.1 oder neuer, mit libx264.',
  'The picture of this film has to be encoded for a browser, and this server is too slow or too busy for it. Choose a source that your browser plays as it is, or start the server again when it has less to do.':
    'Das Bild dieses Films muss für einen Browser umgewandelt werden, und dieser Server ist dafür zu langsam oder zu beschäftigt. Wählen Sie eine Quelle, die Ihr Browser so abspielt, wie sie ist, oder starten Sie den Server neu, wenn er weniger zu tun hat.',
  'Only what is cached can be played: the cache is on a read-only file system.':
    'Nur was im Cache ist, kann gespielt werden: Der Cache liegt auf einem schreibgeschützten Dateisystem.',
  'Only what is cached can be played: the cache may not be written.':
    'Nur was im Cache ist, kann gespielt werden: In den Cache darf nicht geschrieben werden.',
  'This server encodes as many films as its cores allow. Try again shortly, or choose a source that your browser plays as it is.':
    'Dieser Server wandelt schon so viele Filme um, wie seine Kerne erlauben. Versuchen Sie es gleich wieder, oder wählen Sie eine Quelle, die Ihr Browser so abspielt, wie sie ist.',
}
