/** What the stories against real products send and expect. */

export const PDF = Buffer.from([0x25, 0x50, 0x44, 0x46, 0x00, 0xff, 0xfe, 0x80, 0x0a]);
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);
export const WAITING = 'I have passed your conversation on to our team. An agent will answer you here.';
export const GOODBYE = 'The agent has closed this conversation. Write again any time and our assistant will help you.';
