namespace Crm.Host.Demo;

/// <summary>The pools from which names are put together. The companies are invented; a likeness to a real one is chance.</summary>
internal static class DemoNames
{
    public static IReadOnlyDictionary<Tongue, (string[] First, string[] Last)> People { get; } = new Dictionary<Tongue, (string[], string[])>
    {
        [Tongue.English] = (["Alice", "Brian", "Carol", "David", "Ellen", "Frank", "Grace", "Howard", "Irene", "James", "Karen", "Leonard", "Megan", "Nathan", "Olivia", "Patrick", "Ruth", "Samuel", "Teresa", "Walter"],
            ["Abbott", "Barlow", "Crane", "Dawson", "Ellery", "Fowler", "Garrison", "Hobbs", "Ingram", "Jarvis", "Keating", "Lowell", "Merrick", "Norwood", "Osborne", "Prescott", "Rowley", "Stanton", "Thorne", "Whitaker"]),
        [Tongue.German] = (["Andrea", "Bernd", "Christine", "Dieter", "Elke", "Florian", "Gudrun", "Heiko", "Ines", "Jürgen", "Katrin", "Lukas", "Monika", "Norbert", "Petra", "Sabine", "Thorsten", "Ulrike"],
            ["Ahrens", "Böhm", "Dietrich", "Engel", "Fischer", "Graf", "Hartmann", "Jung", "Köhler", "Lorenz", "Mayer", "Neumann", "Pohl", "Richter", "Schäfer", "Thiel", "Vogt", "Zimmermann"]),
        [Tongue.Romance] = (["Adriana", "Bruno", "Camille", "Diego", "Elena", "Fabio", "Gabriela", "Hugo", "Inés", "Jorge", "Lucía", "Marco", "Nadia", "Paolo", "Renée", "Sergio", "Thérèse", "Valentina"],
            ["Almeida", "Bianchi", "Castro", "Duval", "Esposito", "Fontaine", "García", "Herrera", "Lambert", "Marchetti", "Navarro", "Oliveira", "Pereira", "Ricci", "Serrano", "Tavares", "Vidal", "Zanetti"]),
        [Tongue.Northern] = (["Anders", "Birgit", "Casper", "Dorte", "Erik", "Femke", "Gustav", "Hanneke", "Jens", "Karin", "Lars", "Maaike", "Niels", "Pernille", "Sven", "Tessa"],
            ["Andersson", "Bakker", "Christensen", "De Vries", "Eklund", "Friis", "Holm", "Jansen", "Kruse", "Lund", "Mulder", "Nyström", "Poulsen", "Sandberg", "Visser", "Westergaard"]),
    };

    /// <summary>Chinese surnames and given names with their spelling in Latin letters, for addresses.</summary>
    public static (string Han, string Latin)[] ChineseSurnames { get; } =
        [("张", "zhang"), ("刘", "liu"), ("杨", "yang"), ("黄", "huang"), ("吴", "wu"), ("徐", "xu"), ("孙", "sun"), ("马", "ma"), ("朱", "zhu"), ("胡", "hu"), ("郭", "guo"), ("何", "he"), ("林", "lin"), ("高", "gao"), ("罗", "luo"), ("郑", "zheng")];

    public static (string Han, string Latin)[] ChineseGivenNames { get; } =
        [("伟", "wei"), ("芳", "fang"), ("国强", "guoqiang"), ("秀英", "xiuying"), ("志远", "zhiyuan"), ("晓燕", "xiaoyan"), ("建军", "jianjun"), ("丽华", "lihua"), ("明辉", "minghui"), ("婷婷", "tingting"), ("浩然", "haoran"), ("雪梅", "xuemei"), ("文博", "wenbo"), ("佳怡", "jiayi"), ("海涛", "haitao"), ("静", "jing")];

    /// <summary>First words of company names.</summary>
    public static IReadOnlyDictionary<Tongue, string[]> Stems { get; } = new Dictionary<Tongue, string[]>
    {
        [Tongue.English] = ["Ashcombe", "Brightwater", "Calderon", "Dunmore", "Eastvale", "Fairmont Ridge", "Granger", "Hollis", "Ironbridge", "Kestrel", "Larkfield", "Millbrook", "Northgate", "Oakhurst", "Pinecrest", "Quarrystone", "Redfern", "Silverlake", "Thornbury", "Westmarch"],
        [Tongue.German] = ["Altmann", "Bergfeld", "Eichhorst", "Falkenau", "Grünwald", "Hollberg", "Kranzler", "Lindenthal", "Mühlbach", "Rosenhof", "Steinbrück", "Tannhof", "Wallner", "Zellbach"],
        [Tongue.Romance] = ["Altamira", "Bellavista", "Corvalli", "Delmare", "Fontanelle", "Granvia", "Lacombe", "Montclar", "Novarese", "Pontalba", "Rivalta", "Santerno", "Tierranova", "Valmont"],
        [Tongue.Northern] = ["Askeby", "Brandvik", "Dalström", "Elmhof", "Fjordholm", "Havneby", "Kongsted", "Lindvall", "Norrmark", "Oosterveld", "Skagerholm", "Veldhuizen"],
    };

    public static (string Han, string Latin)[] ChineseStems { get; } =
        [("恒信", "hengxin"), ("华泽", "huaze"), ("远瑞", "yuanrui"), ("鼎盛源", "dingshengyuan"), ("汇川达", "huichuanda"), ("金禾", "jinhe"), ("瑞丰和", "ruifenghe"), ("天合昌", "tianhechang"), ("中晟", "zhongsheng"), ("博远", "boyuan"), ("海润", "hairun"), ("盛泰隆", "shengtailong"), ("凯越达", "kaiyueda"), ("江澜", "jianglan"), ("绿源清", "lvyuanqing"), ("晨曦", "chenxi")];
}
