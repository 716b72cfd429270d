// Reading aloud and printing: the two things at a kiosk that a page cannot do by itself.
// Each button shows only where it works, and nothing is read before somebody presses.
"use strict";

(() => {
  const aloud = document.querySelector("[data-aloud]");
  const language = document.documentElement.lang.slice(0, 2);

  const masked = language === "zh" ? "某" : ""; // The stars of 王＊＊ are not to be read out.

  // Only voices of this machine: others send the words elsewhere.
  const voice = () => speechSynthesis.getVoices().find(
    (one) => one.localService && /^(zh|cmn|yue)/i.test(one.lang) === (language === "zh")
      && (language === "zh" || /^en/i.test(one.lang)),
  );

  const stop = () => {
    speechSynthesis.cancel();
    aloud.textContent = aloud.dataset.aloud;
    aloud.setAttribute("aria-pressed", "false");
  };

  const start = () => {
    speechSynthesis.cancel();
    const texts = [...document.querySelectorAll("main [data-say]")].map(
      (one) => one.textContent.replace(/\s+/g, " ").replace(/＊+/g, masked).trim(),
    );
    for (const text of texts.filter(Boolean)) {
      const sentence = new SpeechSynthesisUtterance(text);
      sentence.voice = voice();
      sentence.lang = sentence.voice.lang;
      sentence.rate = 0.85;
      speechSynthesis.speak(sentence);
    }
    const end = new SpeechSynthesisUtterance(" ");
    end.addEventListener("end", stop);
    speechSynthesis.speak(end);
    aloud.textContent = aloud.dataset.quiet;
    aloud.setAttribute("aria-pressed", "true");
  };

  const offer = () => {
    aloud.hidden = !voice() || !document.querySelector("main [data-say]");
  };

  if (aloud && "speechSynthesis" in window) {
    offer();
    speechSynthesis.addEventListener("voiceschanged", offer);
    aloud.addEventListener("click", () => {
      if (aloud.getAttribute("aria-pressed") === "true") stop();
      else start();
    });
    window.addEventListener("pagehide", () => speechSynthesis.cancel());
  }

  const print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
})();
