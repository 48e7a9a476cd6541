/** Longer names are cut before any pattern sees them; UTF-16 units. */
export const MAX_NAME = 255
/** Of a whole path in a torrent: its end says which file it is. */
export const MAX_PATH = 1024
