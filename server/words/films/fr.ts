import type { FilmReasons } from './words.ts'

export const fr: FilmReasons = {
  'The index of this file is too long.': 'L’index de ce fichier est trop long.',
  'The key frames of this file lie too far apart for a browser.':
    'Les images clés de ce fichier sont trop éloignées pour un navigateur.',
  'The picture of this file could not be read.': 'L’image de ce fichier n’a pas pu être lue.',
  'The picture of this file is of a kind that no browser plays. Open it in another player.':
    'L’image de ce fichier est dans un format qu’aucun navigateur ne lit. Ouvrez-le dans un autre lecteur.',
  'The sound of this file is of a kind that cannot be converted.':
    'Le son de ce fichier est dans un format qui ne peut pas être converti.',
  'This file does not say how long it is. Open it in another player.':
    'Ce fichier ne dit pas combien de temps il dure. Ouvrez-le dans un autre lecteur.',
  'This file has no index, and is too large to make one. Open it in another player.':
    'Ce fichier n’a pas d’index, et est trop gros pour en faire un. Ouvrez-le dans un autre lecteur.',
  'This file has no index, and nothing in it tells where its pictures lie. Open it in another player.':
    'Ce fichier n’a pas d’index, et rien n’y dit où se trouvent ses images. Ouvrez-le dans un autre lecteur.',
  'This file has no picture.': 'Ce fichier n’a pas d’image.',
  'This file is neither MKV, WebM, MP4, AVI nor TS, and only those are made ready for browsers. Open it in another player.':
    'Ce fichier n’est ni MKV, ni WebM, ni MP4, ni AVI, ni TS, et seuls ceux-là sont préparés pour les navigateurs. Ouvrez-le dans un autre lecteur.',
  'The picture of this file is of a kind that no browser plays, and this server encodes none (BROWSER=video). Open it in another player.':
    'L’image de ce fichier est dans un format qu’aucun navigateur ne lit, et ce serveur n’en convertit aucune (BROWSER=video). Ouvrez-le dans un autre lecteur.',
  'This source is a link to another server, which this one cannot make ready for a browser. Open the link itself.':
    'Cette source est un lien vers un autre serveur, que celui-ci ne peut pas préparer pour un navigateur. Ouvrez le lien lui-même.',
  'The picture of this film has to be encoded for a browser, and this server has no ffmpeg.':
    'L’image de ce film doit être convertie pour un navigateur, et ce serveur n’a pas ffmpeg.',
  'The picture of this film has to be encoded for a browser, and the ffmpeg of this server cannot: it needs version 5.1 or later, with libx264.':
    'L’image de ce film doit être convertie pour un navigateur, et le ffmpeg de ce serveur ne le peut pas : il faut la version 5.1 ou plus récente, avec libx264.',
  'The picture of this film has to be encoded for a browser, and this server is too slow or too busy for it. Choose a source that your browser plays as it is, or start the server again when it has less to do.':
    'L’image de ce film doit être convertie pour un navigateur, et ce serveur est trop lent ou trop occupé pour cela. Choisissez une source que votre navigateur lit telle quelle, ou redémarrez le serveur quand il aura moins à faire.',
  'Only what is cached can be played: the cache is on a read-only file system.':
    'Seul ce qui est dans le cache peut être lu : il est sur un système de fichiers en lecture seule.',
  'Only what is cached can be played: the cache may not be written.':
    'Seul ce qui est dans le cache peut être lu : l’écriture y est interdite.',
  'This server encodes as many films as its cores allow. Try again shortly, or choose a source that your browser plays as it is.':
    'Ce serveur convertit déjà autant de films que ses cœurs le permettent. Réessayez dans un instant, ou choisissez une source que votre navigateur lit telle quelle.',
}
