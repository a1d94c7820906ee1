import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** The page at this address, once it shows something, with what went wrong in its scripts. */
export async function openPage(
  browser: Browser,
  address: string,
  mistakes: string[],
  options: BrowserContextOptions = {},
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1360, height: 860 }, ...options });
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => mistakes.push(error.message));
  await page.goto(address);
  await page.locator('#bot dd').first().waitFor({ state: 'attached' });
  return page;
}

/** Waits until one of these elements holds the text. */
export function shows(page: Page, selector: string, text: string): Promise<void> {
  return page.locator(selector, { hasText: text }).first().waitFor({ state: 'attached' });
}

export async function write(page: Page, field: string, text: string): Promise<void> {
  await page.fill(field, text);
  await page.press(field, 'Enter');
}

/** By keyboard alone. Throws where the focus does not come there, or is not to be seen on the way. */
export async function goTo(page: Page, selector: string, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    if (await page.locator(`${selector}:focus`).count()) return;
    await page.keyboard.press(key);
    if (!(await isFocusSeen(page))) throw new Error(`unseen: ${await focused(page)}`);
  }
  throw new Error(`${selector} was not reached; the focus is on ${await focused(page)}`);
}

function focused(page: Page): Promise<string> {
  return page.evaluate<string>('document.activeElement.outerHTML');
}

/** Whether what has the focus, or the label drawn in its place, has an outline. The page's own end has no focus. */
function isFocusSeen(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(`(() => {
    const element = document.activeElement;
    const drawn = element.matches('.segments input') ? element.nextElementSibling : element;
    return element === document.body || getComputedStyle(drawn).outlineStyle !== 'none';
  })()`);
}

/** Throws where the page is wider than the screen, or the control is not within it. */
export async function fitsOnScreen(
  page: Page,
  control: string,
  screen: { width: number; height: number },
): Promise<void> {
  const width = await page.evaluate<number>('document.documentElement.scrollWidth');
  const box = await page.locator(control).boundingBox();
  if (width > screen.width || !box || box.x + box.width > screen.width || box.y + box.height > screen.height) {
    throw new Error(`the page is ${width} wide, and ${control} at ${JSON.stringify(box)}`);
  }
}

export const PHONE_SCREEN = { width: 390, height: 844 };

export const fitsOnPhone = (page: Page, control: string) => fitsOnScreen(page, control, PHONE_SCREEN);
