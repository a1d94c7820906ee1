import type { Page } from 'playwright-core';

/** A text on the page that is harder to read than WCAG 2.2 AA allows (4.5 to 1). */
export interface FaintText {
  text: string;
  ratio: number;
}

/** Texts of disabled controls are left out, as in WCAG. The page has no background images. */
export async function faintTexts(page: Page): Promise<FaintText[]> {
  return page.evaluate<FaintText[]>(FIND_FAINT_TEXTS);
}

/** Runs in the browser, whose types are none of this project's. */
const FIND_FAINT_TEXTS = `(() => {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return { rgb: [r, g, b], a: a / 255 };
  };
  const over = (top, below, alpha) => top.map((value, i) => value * alpha + below[i] * (1 - alpha));
  const behind = (element) => {
    if (!element) return [255, 255, 255];
    const { rgb, a } = rgba(getComputedStyle(element).backgroundColor);
    return a === 1 ? rgb : over(rgb, behind(element.parentElement), a);
  };
  const opacity = (element) =>
    element ? Number(getComputedStyle(element).opacity) * opacity(element.parentElement) : 1;
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ownText = (element) =>
    [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data.trim()).join('');
  return [...document.body.querySelectorAll('*')]
    .filter((element) => ownText(element) && element.checkVisibility() && !element.closest(':disabled, select, .unseen'))
    .map((element) => {
      const background = behind(element);
      const { rgb, a } = rgba(getComputedStyle(element).color);
      return { text: ownText(element), ratio: ratio(over(rgb, background, a * opacity(element)), background) };
    })
    .filter(({ ratio }) => ratio < 4.5);
})()`;
