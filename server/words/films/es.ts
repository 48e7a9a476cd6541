import type { FilmReasons } from './words.ts'

export const es: FilmReasons = {
  'The index of this file is too long.': 'El índice de este archivo es demasiado largo.',
  'The key frames of this file lie too far apart for a browser.':
    'Los fotogramas clave de este archivo están demasiado separados para un navegador.',
  'The picture of this file could not be read.': 'No se pudo leer la imagen de este archivo.',
  'The picture of this file is of a kind that no browser plays. Open it in another player.':
    'La imagen de este archivo tiene un formato que ningún navegador reproduce. Ábrelo en otro reproductor.',
  'The sound of this file is of a kind that cannot be converted.':
    'El sonido de este archivo tiene un formato que no se puede convertir.',
  'This file does not say how long it is. Open it in another player.':
    'Este archivo no dice cuánto dura. Ábrelo en otro reproductor.',
  'This file has no index, and is too large to make one. Open it in another player.':
    'Este archivo no tiene índice y es demasiado grande para crear uno. Ábrelo en otro reproductor.',
  'This file has no index, and nothing in it tells where its pictures lie. Open it in another player.':
    'Este archivo no tiene índice, y nada en él dice dónde están sus imágenes. Ábrelo en otro reproductor.',
  'This file has no picture.': 'Este archivo no tiene imagen.',
  'This file is neither MKV, WebM, MP4, AVI nor TS, and only those are made ready for browsers. Open it in another player.':
    'Este archivo no es MKV, WebM, MP4, AVI ni TS, y solo esos se preparan para navegadores. Ábrelo en otro reproductor.',
  'The picture of this file is of a kind that no browser plays, and this server encodes none (BROWSER=video). Open it in another player.':
    'La imagen de este archivo tiene un formato que ningún navegador reproduce, y este servidor no convierte ninguna (BROWSER=video). Ábrelo en otro reproductor.',
  'This source is a link to another server, which this one cannot make ready for a browser. Open the link itself.':
    'Esta fuente es un enlace a otro servidor, y este no puede prepararla para un navegador. Abre el enlace mismo.',
  'The picture of this film has to be encoded for a browser, and this server has no ffmpeg.':
    'La imagen de esta película hay que convertirla para un navegador, y este servidor no tiene ffmpeg.',
  'The picture of this film has to be encoded for a browser, and the ffmpeg of this server cannot: it needs version 5.1 or later, with libx264.':
    'La imagen de esta película hay que convertirla para un navegador, y el ffmpeg de este servidor no puede: hace falta la versión 5.1 o posterior, con libx264.',
  'The picture of this film has to be encoded for a browser, and this server is too slow or too busy for it. Choose a source that your browser plays as it is, or start the server again when it has less to do.':
    'La imagen de esta película hay que convertirla para un navegador, y este servidor es demasiado lento o está demasiado ocupado. Elige una fuente que tu navegador reproduzca tal como es, o reinicia el servidor cuando tenga menos que hacer.',
  'Only what is cached can be played: the cache is on a read-only file system.':
    'Solo se puede reproducir lo que está en la caché: está en un sistema de archivos de solo lectura.',
  'Only what is cached can be played: the cache may not be written.':
    'Solo se puede reproducir lo que está en la caché: no se permite escribir en ella.',
  'This server encodes as many films as its cores allow. Try again shortly, or choose a source that your browser plays as it is.':
    'Este servidor ya convierte todas las películas que permiten sus núcleos. Inténtalo de nuevo enseguida, o elige una fuente que tu navegador reproduzca tal como es.',
}
