namespace Crm.Host.Demo;

/// <summary>What goes wrong with instruments, and how it is solved, in both languages.</summary>
/// <param name="NeedsVisit">How often somebody has to go there.</param>
/// <param name="Skill">What whoever goes there has to know.</param>
internal sealed record DemoProblem(string Category, string Name, string Nature, double Weight, double NeedsVisit, string Skill, string Title, string Solution, string ChineseTitle, string ChineseSolution);

internal static class DemoProblems
{
    public static IReadOnlyList<DemoProblem> All { get; } =
    [
        new("Measurement", "Reading drifts", "fault", 1.6, 0.45, "Calibration", "Reading drifts after some weeks", "Compared with a reference, zero point set anew. Checked again after an hour: stable.", "读数漂移", "与标准表比对后重新设定零点。一小时后复查，读数稳定。"),
        new("Measurement", "No reading", "fault", 1.3, 0.55, "Control systems", "No reading in the control system", "Loop current measured, terminal 4 was loose. Terminal tightened, signal is back.", "控制系统无读数", "测量回路电流，发现4号端子松动。紧固后信号恢复。"),
        new("Measurement", "Reading jumps", "fault", 0.9, 0.3, "Level", "Reading jumps while the tank is filled", "False echo faded out in the set-up, damping raised to five seconds. The reading is calm now.", "进料时读数跳变", "屏蔽虚假回波，阻尼调至五秒。读数已平稳。"),
        new("Mechanics", "Leak at the process connection", "fault", 0.8, 0.9, "Pressure", "Leak at the process connection", "Seal was worn. Seal kit replaced, pressure test at 16 bar passed.", "过程接口泄漏", "密封件磨损。更换密封件套装，16巴压力试验合格。"),
        new("Mechanics", "Damaged cable gland", "fault", 0.5, 0.7, "Explosion protection", "Cable gland damaged, water in the housing", "Housing dried, gland and display replaced. Insulation is good again.", "电缆接头损坏，壳体进水", "壳体烘干，更换接头与显示模块。绝缘恢复正常。"),
        new("Electronics", "Display dark", "fault", 0.8, 0.5, "Flow", "Display stays dark", "Supply was fine, display module replaced. Settings were taken over.", "显示屏不亮", "供电正常，更换显示模块。参数已恢复。"),
        new("Electronics", "Gateway offline", "fault", 0.9, 0.2, "Control systems", "Gateway is offline since the update", "Certificate had run out. New certificate installed from afar, all instruments report again.", "网关更新后离线", "证书过期。远程安装新证书，全部仪表恢复上报。"),
        new("Service", "Calibration due", "maintenance", 1.2, 0.85, "Calibration", "Calibration is due", "Calibrated at three points, certificate handed over. Next date entered.", "到期校准", "三点校准完成并交付证书。已登记下次日期。"),
        new("Service", "Question about settings", "question", 1.4, 0.0, "Flow", "How do we set the pulse output?", "Walked through menu 4.2 on the phone. Pulse value and width are set.", "脉冲输出如何设置？", "电话指导菜单4.2的设置。脉冲当量与宽度已设定。"),
        new("Service", "Spare part wanted", "service", 0.8, 0.0, "Water analysis", "Reagents and spare parts wanted", "Offer sent, order received. Parts leave the store tomorrow.", "需要试剂和备件", "已发送报价并收到订单。备件明日出库。"),
    ];
}
