// The document around every page: fonts, the theme before the first paint, and the frame.
import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { AppFrame } from '../components/frame/app-frame.tsx';
import { themeScript } from '../components/frame/theme.ts';
import { addressScript } from '../components/login/odd-link.ts';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'cgdeck', template: '%s · cgdeck' },
  description: 'A live control room for Linux control groups',
  icons: { icon: '/icon.svg' },
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: dark)', color: '#0b0e13' },
    { media: '(prefers-color-scheme: light)', color: '#f7f8fa' },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable}`} suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of this repository, needed before the first paint */}
        <script dangerouslySetInnerHTML={{ __html: `${themeScript};${addressScript}` }} />
      </head>
      <body>
        <AppFrame>{children}</AppFrame>
      </body>
    </html>
  );
}
