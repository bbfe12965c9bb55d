// Conta o que se escreve no texto. Counts what is written in the text.
document.addEventListener('DOMContentLoaded', function () {
    var text = document.querySelector('textarea[name="texto"]');
    var counter = document.querySelector('[data-contador="{{id}}"]');
    if (!text || !counter) {
        return;
    }
    function count() {
        counter.textContent = String(text.value.length);
    }
    text.addEventListener('input', count);
    count();
});
